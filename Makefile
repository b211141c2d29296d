.PHONY: run test lint setup
run test lint setup:
	@exec python3 bootstrap.py $@
