.PHONY: setup
setup:
	test -x .venv/bin/python || python3 -m venv .venv
	.venv/bin/python -m pip install -q --disable-pip-version-check uv==0.13.9
	.venv/bin/uv pip sync -q --require-hashes requirements-dev.txt
