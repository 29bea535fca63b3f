"""`python -m pipeline` is `touchledger`."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
