"""Pictures that visitors bring: hostile uploads become pixels, or a sentence that says why not."""
