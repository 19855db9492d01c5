"""What sklstm's figures are measured with: README.md is the table of contents."""
# A package, because a folder without this file gives way to any `benchmarks` that is installed.
