"""Measured promises: every figure the project quotes can be measured again with `python -m benchmarks NAME`."""
