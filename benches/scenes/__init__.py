"""What is measured: each file has a TITLE and a function run(bench) that yields one Result after the other."""
