"""Packages talk through one door each, and imports are plans: none hides in a function."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("lms", "courses", "exams", "certificates")
#: package -> the modules outsiders may import
DOORS = {
    "courses": {"courses.api"},
    "exams": {"exams.api"},
    "certificates": {"certificates.api"},
    "lms.people": {"lms.people", "lms.people.api"},
    "lms.post": {"lms.post", "lms.post.api"},
}
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_package_is_entered_by_its_door_only(path):
    here = module_of(path)
    modules = {module_of(file) for file in FILES}
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))) & modules:
        for package, doors in DOORS.items():
            inside = name == package or name.startswith(package + ".")
            outsider = not (here == package or here.startswith(package + "."))
            if inside and outsider and name != package:
                assert name in doors, f"{here} imports {name}; use {package}.api"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_no_import_hides_in_a_function(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{function.name} imports inside"


def test_only_the_unit_of_work_commits():
    for path in FILES:
        if module_of(path) in {"lms.core.uow"}:
            continue
        assert ".commit()" not in path.read_text(encoding="utf-8"), module_of(path)


def test_only_the_clock_reads_time():
    for path in FILES:
        if module_of(path) == "lms.core.clock":
            continue
        source = path.read_text(encoding="utf-8")
        for reader in ("datetime.now(", "date.today()", "time.time(", "utcnow("):
            assert reader not in source, f"{module_of(path)} reads time itself"
