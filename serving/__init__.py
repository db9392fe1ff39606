"""The same engines as in core, as Ray Serve deployments: for more than one machine. Needs requirements-serving.txt."""
