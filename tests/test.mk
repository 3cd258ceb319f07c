# test.mk: the test command, the lint, the fuzzers and the bench. See `make help`.
