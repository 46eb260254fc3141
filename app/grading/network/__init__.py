"""The trained network: reads question, points and answer at once, and gives every point chances."""
