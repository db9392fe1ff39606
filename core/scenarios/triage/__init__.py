"""Medical-image triage: pictures in, a worklist for a human reader out. A research demonstration."""
