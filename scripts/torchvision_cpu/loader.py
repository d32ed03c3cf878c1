"""Let the registry's torchvision (built for CUDA) load beside a torch that has no CUDA.

Set-up of a CPU-only machine copies this file into site-packages together with a ``.pth`` line; it is
no part of the package and nobody imports it by hand. Just before ``torchvision`` is imported for the
first time, and only if torch brings no ``libc10_cuda.so`` of its own, it loads

* ``libc10_cuda.so`` and ``libtorch_cuda.so``: the stubs of ``build.py`` ("no device"), and
* ``libcudart.so.13``: the real one, from the small package nvidia-cuda-runtime,

so that the dynamic linker finds the names that torchvision's own libraries ask for. No CUDA function
is ever reached: torch itself reports that there is no device.
"""

import ctypes
import importlib.util
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / "torchvision_cpu_stubs"


def enable():
    """Load the three libraries; say whether that was needed and possible."""
    spec = importlib.util.find_spec("torch")
    if spec is None or (Path(spec.origin).parent / "lib" / "libc10_cuda.so").exists():
        return False
    nvidia = importlib.util.find_spec("nvidia")
    places = nvidia.submodule_search_locations if nvidia else ()
    runtime = [p for d in places for p in Path(d).glob("cu13/lib/libcudart.so.13")]
    libraries = [HERE / "libc10_cuda.so", HERE / "libtorch_cuda.so", *runtime[:1]]
    if len(libraries) < 3 or not all(p.exists() for p in libraries):
        return False
    for p in libraries:
        ctypes.CDLL(str(p))
    return True


class _BeforeTorchvision:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(_BeforeTorchvision)
            enable()
        return None


def hook():
    """Called by the ``.pth`` line at interpreter start; costs one list insertion."""
    if sys.platform == "linux" and _BeforeTorchvision not in sys.meta_path:
        sys.meta_path.insert(0, _BeforeTorchvision)
