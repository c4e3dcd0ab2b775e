"""Build time only: Numba kernels, and the compiler that turns them into one shared library per CPU target."""
