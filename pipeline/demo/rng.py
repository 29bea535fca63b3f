"""Random numbers that depend on what they are for, never on who asked first.

Every stream is a Philox counter keyed by (seed, block of accounts, purpose), so the same world
comes out whatever the number of workers, and a world with a channel switched off meets the
same chances as the world with it on (common random numbers).
"""

from zlib import crc32

import numpy as np

#: Accounts that share their streams. A constant of the world: changing it changes every world.
BLOCK_ACCOUNTS = 2048

#: The block number of streams that belong to the company as a whole.
COMPANY = 0xFFFFFFFF


def stream(seed: int, block: int, purpose: str, replication: int = 0) -> np.random.Generator:
    """The stream of one purpose in one block; `replication` > 0 gives an independent copy of it."""
    key = np.array(
        [(seed & 0xFFFFFFFF) | (replication << 32), (block << 32) | crc32(purpose.encode())], dtype=np.uint64
    )
    return np.random.Generator(np.random.Philox(key=key))
