"""Make torchvision importable beside a CPU-only torch: ``python scripts/torchvision_cpu/build.py``.

Reads which CUDA names torchvision's two libraries leave open, compiles stubs that answer "no device"
(needs ``c++`` and ``nm``), and puts them with ``loader.py`` into site-packages. Does nothing where
torch has CUDA, where torchvision already imports, or on systems other than Linux.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    if sys.platform != "linux":
        return "not Linux: nothing to do"
    torch_lib = Path(importlib.util.find_spec("torch").origin).parent / "lib"
    if (torch_lib / "libc10_cuda.so").exists():
        return "this torch has CUDA: nothing to do"
    torchvision = Path(importlib.util.find_spec("torchvision").origin).parent  # find_spec does not import it
    site = torchvision.parent
    works = subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True)
    if works.returncode == 0:
        return "torchvision imports: nothing to do"
    for tool in ("c++", "nm"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is needed to build the loader (Debian: apt-get install g++ binutils)")
    open_names = "".join(
        subprocess.run(
            ["nm", "-D", "--undefined-only", torchvision / so], check=True, capture_output=True, text=True
        ).stdout
        for so in ("_C.so", "image.so")
    )
    names = sorted(set(re.findall(r"U (_ZNK?(?:3c10|2at)4cuda\w+)", open_names)))
    source = ["#include <stdexcept>"]
    for n in names:
        if n.endswith("9allocatorE"):
            source.append(f'extern "C" {{ void *{n} = nullptr; }}')
        elif "device_count" in n:
            source.append(f'extern "C" signed char {n}() {{ return 0; }}')
        else:
            source.append(
                f'extern "C" void {n}() {{ throw std::runtime_error("torchvision: this torch has no CUDA ({n})"); }}'
            )
    out = site / "torchvision_cpu_stubs"
    out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as d:
        for so, text in (
            ("libc10_cuda.so", "\n".join(source) + "\n"),
            ("libtorch_cuda.so", "int torchvision_cpu_stub;\n"),
        ):
            cpp = Path(d, so + ".cpp")
            cpp.write_text(text)
            subprocess.run(["c++", "-O1", "-shared", "-fPIC", f"-Wl,-soname,{so}", "-o", Path(d, so), cpp], check=True)
            shutil.copy2(Path(d, so), out / (so + ".new"))
            (out / (so + ".new")).replace(out / so)  # a process may have the old one mapped
    shutil.copy2(Path(__file__).with_name("loader.py"), site / "torchvision_cpu_loader.py")
    (site / "torchvision_cpu_loader.pth").write_text("import torchvision_cpu_loader; torchvision_cpu_loader.hook()\n")
    subprocess.run([sys.executable, "-c", "import torchvision.ops"], check=True)
    return f"torchvision loads on this CPU-only machine now ({len(names)} CUDA names answered)"


if __name__ == "__main__":
    print(main())
