"""Threads of the matrix products: as many as their size is worth, unless the user has said so."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What BLAS libraries read when NumPy is loaded."""
_BY_USER = any(name in os.environ for name in (*VARIABLES, "OMP_NUM_THREADS"))
"""Seen before the program sets any of them."""
_WORTH = 2**28
"""Multiplications of one product from which a second thread is worth waking.

On an idle machine a smaller product gains little by it; on a busy one, where the threads wait for
each other in vain, it takes up to fifty times as long.
"""


def worth(multiplications: int, most: int) -> int:
    """How many of at most so many threads a product is worth."""
    return most if multiplications >= _WORTH else 1


def cores() -> int:
    return os.cpu_count() or 1


def use(threads: int, *, asked: bool = False) -> None:
    """Lets BLAS use so many from now on, in the whole process.

    What the user has set by an environment variable stays, unless they ask for something else.
    """
    if asked or not _BY_USER:
        _blas().limit(limits=threads, user_api="blas")


@cache
def _blas() -> ThreadpoolController:
    # Imported late: it looks through all libraries that are loaded, NumPy's among them.
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
