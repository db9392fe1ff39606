"""Recommendation: from what somebody liked to what they may like next, with reasons that add up."""
