"""What is measured, and what is made from measurements: run with `python -m benchmarks.<name>`."""
