#!/bin/sh
# Debian's chromium and a Chinese font for the browser tests, where that is possible; otherwise they are skipped.
command -v chromium >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi "noto.*cjk" && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium and a Chinese font for the browser tests ..."
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        chromium fontconfig fonts-noto-cjk fonts-dejavu-core; } >/dev/null 2>&1 || echo "That did not work; the browser tests will say so."
fi
exit 0
