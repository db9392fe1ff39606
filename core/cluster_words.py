"""What can go wrong between a web process and a cluster, in sentences for people; both sides say them."""

from core.errors import N_

# --- the web process ---
UNREACHED = N_(
    "{model} runs on a cluster that cannot be reached at {address}. Try again in a minute; for the operator: "
    "check that the cluster runs, and VITRINE_BACKEND."
)
NO_COPY = N_(
    "No copy of {model} is running on the cluster now. Try again in a minute: one is started as soon as there is room."
)
NOT_SERVED = N_("The cluster at {address} does not serve {model}. Deploy it there, or choose another model.")
BROKEN_TWICE = N_(
    "The copy of {model} that was answering has died, and so has the one asked instead. Try again in a minute."
)
BROKEN_OFF = N_("The copy of {model} that was answering has died. Keep what came, or try again.")
BUSY = N_("The cluster has too much to do for {model}. Try again in about {seconds} s.")
SILENT = N_("The cluster did not answer for {model} within {seconds} s. Try again, or shorten the input.")

# --- the copy that runs the model ---
NOT_HERE = N_(
    "The weights of {model} are not on the machine that was to run it. Put them into VITRINE_MODELS_DIR there."
)
UNKNOWN = N_("The cluster does not know the model {model}. See that it runs the same version of Vitrine.")
UNREAD = N_("The cluster could not read the request. See that it runs the same version of Vitrine.")
TOO_LARGE = N_("The request is larger than the {limit} MB that the cluster takes. Send less at once.")
FAILED = N_(
    "{model} failed on the cluster with an unexpected error. Its log has it as {error_id}; report it, please."
)

# --- both ---
UNREADABLE = N_("The cluster gave something that is no answer. See that it runs the same version of Vitrine.")
