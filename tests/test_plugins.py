"""Entry points of other packages: found without importing, loaded on demand, and a broken one breaks nothing."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest
from packages import install

from veml_lab import _plugins
from veml_lab.errors import BrokenPlugIn


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on the path, where a test installs packages."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(_plugins, "_WARNED", set())
    for name in [n for n in sys.modules if n.startswith("acme")]:  # of tests that installed packages of these names
        monkeypatch.delitem(sys.modules, name)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("acme"):
            del sys.modules[name]


def test_a_package_is_found_without_being_imported_and_gives_its_thing(site):
    install(site, "acme-veml", {"acme_veml.py": "THING = 41 + 1"}, {"runtimes": {"acme": "acme_veml:THING"}})
    (found,) = _plugins.plug_ins("runtimes").values()
    assert str(found) == "the runtime 'acme' of the package acme-veml 1.2"
    assert "acme_veml" not in sys.modules
    assert _plugins.load("runtimes", "acme") == 42
    assert _plugins.usable("runtimes") == {"acme": 42}


def test_a_name_that_nobody_declares_gives_none(site):
    assert _plugins.load("runtimes", "acme") is None
    assert _plugins.plug_ins("runtimes") == {}


def test_names_come_sorted(site):
    for name in ("acme_b", "acme_c", "acme_a"):
        install(site, name, {f"{name}.py": "X = 1"}, {"executors": {name: f"{name}:X"}})
    assert list(_plugins.plug_ins("executors")) == ["acme_a", "acme_b", "acme_c"]


def test_a_package_that_comes_later_is_seen(site):
    assert _plugins.plug_ins("formats") == {}
    install(site, "acme-late", {"acme_late.py": "X = 7"}, {"formats": {"late": "acme_late:X"}})
    assert _plugins.load("formats", "late") == 7


def test_a_broken_one_is_one_warning_where_all_are_listed_and_the_others_are_there(site):
    install(site, "acme-bad", {"acme_bad.py": "1 / 0"}, {"formats": {"bad": "acme_bad:X"}})
    install(site, "acme-good", {"acme_good.py": "X = 3"}, {"formats": {"good": "acme_good:X"}})
    with pytest.warns(UserWarning, match=r"'bad' of the package acme-bad 1\.2 .*ZeroDivisionError") as said:
        assert _plugins.usable("formats") == {"good": 3}
        assert _plugins.usable("formats") == {"good": 3}
    assert len(said) == 1


def test_a_broken_one_that_is_asked_for_is_an_error_that_names_its_package(site):
    install(site, "acme-bad", {"acme_bad.py": "import acme_missing"}, {"formats": {"bad": "acme_bad:X"}})
    with pytest.raises(BrokenPlugIn, match=r"acme-bad 1\.2 cannot be loaded .*acme_missing.*uninstall"):
        _plugins.load("formats", "bad")


def test_one_that_lacks_something_says_what(site):
    install(site, "acme-old", {"acme_old.py": "class X:\n    read = 1"}, {"formats": {"old": "acme_old:X"}})
    with pytest.raises(BrokenPlugIn, match=r"acme-old 1\.2 .* has no write, sniff;"):
        _plugins.load("formats", "old", needs=("read", "write", "sniff"))
    with pytest.warns(UserWarning, match="has no sniff"):
        assert _plugins.usable("formats", needs=("sniff",)) == {}


def test_a_name_that_is_ours_stays_ours(site):
    install(site, "acme-coco", {"acme_coco.py": "X = 3"}, {"formats": {"coco": "acme_coco:X"}})
    with pytest.warns(UserWarning, match=r"acme-coco 1\.2 is not used") as said:
        assert _plugins.plug_ins("formats", {"coco"}) == {}
    assert _plugins.load("formats", "coco", {"coco"}) is None
    assert len(said) == 1


def test_a_name_that_two_packages_declare_is_refused(site):
    for name in ("acme-one", "acme-two"):
        module = name.replace("-", "_")
        install(site, name, {f"{module}.py": "X = 3"}, {"learners": {"margin": f"{module}:X"}})
    with pytest.warns(UserWarning, match=r"'margin' is declared by acme-\w+ 1\.2 and acme-\w+ 1\.2, so none is used"):
        assert _plugins.plug_ins("learners") == {}
    with pytest.raises(BrokenPlugIn, match="uninstall all but one"):
        _plugins.load("learners", "margin")


def test_the_same_package_twice_on_the_path_is_one(site, tmp_path_factory, monkeypatch):
    install(site, "acme", {"acme.py": "X = 'old'"}, {"learners": {"margin": "acme:X"}})
    newer = tmp_path_factory.mktemp("newer")
    install(newer, "acme", {"acme.py": "X = 'new'"}, {"learners": {"margin": "acme:X"}}, version="1.3")
    monkeypatch.syspath_prepend(str(newer))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _plugins.load("learners", "margin") == "new"


def test_a_group_that_is_no_seam_is_refused():
    with pytest.raises(KeyError, match="executors"):
        _plugins.plug_ins("executor")


def test_looking_for_plug_ins_is_not_paid_for_at_import():
    code = "import sys, veml_lab, veml_lab._plugins; print('importlib.metadata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
