"""The answer check: points and a free-text answer in, a verdict per point out; pure."""
