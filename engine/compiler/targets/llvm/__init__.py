"""Machine code, made by LLVM."""
