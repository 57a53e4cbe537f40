"""The default book's data, figures and listings agree: what is drawn or printed is what the tables give."""

from __future__ import annotations

import csv
import re
import runpy
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import pytest
from PIL import Image, ImageChops

from publish import proofread
from publish.manuscript.gallery import decode

BOOK = Path(__file__).parent.parent / "book"
DATA, IMAGES, FIGURES, LISTINGS = (BOOK / name for name in ("data", "images", "figures", "listings"))
CHAPTERS = {file.name: file.read_text(encoding="utf-8") for file in sorted(BOOK.glob("chapters/*.md"))}
#: Tables that are no series.
TABLES = {"sources", "nombres"}
LEGENDS: dict[str, dict[str, Any]] = tomllib.loads(Path(FIGURES, "legendes.toml").read_text(encoding="utf-8"))


def rows(name: str) -> list[dict[str, str]]:
    """Return the lines of a table."""
    with Path(DATA, f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def series() -> list[str]:
    """Return the names of the series."""
    return sorted({file.stem for file in DATA.glob("*.csv")} - TABLES)


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", series())
def test_every_value_has_a_source_and_a_confidence(name: str) -> None:
    """Each line of a series names a known source and how sure it is."""
    sources = {row["cle"] for row in rows("sources")}
    for row in rows(name):
        assert row["source"] in sources, row
        assert row["confiance"] in {"V1", "V2", "CALC"}, row
        assert None not in row, f"a comma too many: {row}"
        assert None not in row.values(), f"a comma too few: {row}"


def test_every_series_is_described() -> None:
    """series.toml says of each table its title, unit and date."""
    described = tomllib.loads(Path(DATA, "series.toml").read_text(encoding="utf-8"))
    assert sorted(described) == series()
    assert all({"titre", "unite", "date"} <= set(one) for one in described.values())


def test_every_source_says_what_it_is() -> None:
    """Each source has one key, words, and an address."""
    keys = [row["cle"] for row in rows("sources")]
    assert len(keys) == len(set(keys))
    assert all(
        row["quoi"] and (row["adresse"].startswith("http") or row["cle"] == "calcul")
        for row in rows("sources")
    )


def test_sums_of_the_tables_are_right() -> None:
    """Totals are sums, prices two dollars an hour, powers sixteen bits times the operations."""
    costs = rows("cout")
    for model in ("V3", "R1"):
        lines = [row for row in costs if row["modele"] == model]
        for column in ("heures", "dollars"):
            *parts, total = (int(row[column]) for row in lines)
            assert sum(parts) == total, (model, column)
    assert all(int(row["dollars"]) == 2 * int(row["heures"]) for row in costs)
    chips = rows("puces")
    assert all(abs(float(row["tflops_16_bits"]) * 16 / float(row["tpp"]) - 1) < 0.001 for row in chips)


# --- figures --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def draw() -> Callable[[list[str]], dict[str, bytes]]:
    """Give what `make figures` does, without writing."""
    sys.path.insert(0, str(FIGURES))
    try:
        program = runpy.run_path(str(FIGURES / "__main__.py"))
    finally:
        sys.path.remove(str(FIGURES))
    drawn: Callable[[list[str]], dict[str, bytes]] = program["drawn"]
    assert sorted(program["FIGURES"]) == sorted(LEGENDS), (
        "a figure without a legend, or a legend without a figure"
    )
    return drawn


@pytest.mark.parametrize("name", sorted(LEGENDS))
def test_the_figure_is_what_the_data_give(name: str, draw: Callable[[list[str]], dict[str, bytes]]) -> None:
    """The committed drawing is, byte for byte, what the script makes of the tables."""
    assert draw([name])[name] == Path(IMAGES, f"{name}.svg").read_bytes(), "`make figures` draws it anew"


@pytest.mark.parametrize("name", sorted(LEGENDS))
def test_the_figure_is_clean_small_and_undated(name: str) -> None:
    """A drawing needs no font and no cleaning, has greys only, and says nothing of who made it when."""
    data = Path(IMAGES, f"{name}.svg").read_bytes()
    picture = decode(data)
    assert not picture.refused
    assert picture.width == 300 * 96 / 72, "as wide as the text block: 300 points, in pixels"
    assert len(data) < 100_000
    text = data.decode()
    assert not re.search(r"<text|font-family|<metadata|<style|[Mm]atplotlib|\d{4}-\d\d-\d\dT", text)
    colours = set(re.findall(r"#[0-9a-f]{6}", text))
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours), "greys only"


@pytest.mark.parametrize("name", sorted(LEGENDS))
def test_the_legend_is_whole(name: str) -> None:
    """Each figure has all its words."""
    legend = LEGENDS[name]
    for field in ("chapitre", "titre", "legende", "alt", "description", "source"):
        assert legend[field].strip(), field
    assert set(legend["series"]) <= set(series())
    assert legend["titre"] in Path(IMAGES, f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(LEGENDS))
def test_the_chapter_says_what_the_legend_says(name: str) -> None:
    """A chapter shows each figure once, with its caption, alternative text, description and source."""
    legend = LEGENDS[name]
    shown = (
        f"![**{legend['titre']}.** {legend['legende']}](../images/{name}.svg){{#fig-{name} "
        f'alt="{legend["alt"]}" description="#lire-{name}" credit="Source\u00a0: {legend["source"]}"}}\n\n'
        f"::: {{.description #lire-{name}}}\n*Ce qu’on y voit.* {legend['description']}\n:::\n"
    )
    holders = [text for text in CHAPTERS.values() if shown in text]
    assert len(holders) == 1, "follow legendes.toml"
    assert holders[0].startswith(f"# {legend['chapitre']}\n")
    assert f"@fig-{name}" in holders[0], "the chapter speaks of it"


def numbers(text: str) -> list[tuple[float, int]]:
    """Return the numbers of a French text, each with its decimals; names such as « o1 », « A100 » aside."""
    found = re.findall(r"(?<![\w.-])(\d{1,3}(?:\u202f\d{3})+|\d+)(?:,(\d+))?(?![\w.])", text)
    return [(float(f"{whole}.{part}".replace("\u202f", "")), len(part)) for whole, part in found]


def by_column(tables: list[str]) -> Iterator[list[float]]:
    """Yield the values of each column of numbers."""
    for table in tables:
        for column in zip(*(row.values() for row in rows(table)), strict=True):
            if all(re.fullmatch(r"(-?\d+(\.\d+)?(e\d+)?)?", cell) for cell in column):
                yield [float(cell) for cell in column if cell]


def words(tables: list[str]) -> set[float]:
    """Return the numbers inside words: years, names of models, notes."""
    cells = [cell for table in tables for row in rows(table) for cell in row.values()]
    return {float(part) for cell in cells for part in re.findall(r"\d+(?:\.\d+)?", cell)}


def test_the_example_of_advantages() -> None:
    """Three right answers of eight: the mean, the deviation and the advantages that the book prints."""
    points = [float(row["points"]) for row in rows("reponses")]
    mean, deviation = fmean(points), pstdev(points)
    assert (mean, round(deviation, 3)) == (0.375, 0.484)
    assert {round((point - mean) / deviation, 2) for point in points} == {1.29, -0.77}


@pytest.mark.parametrize("name", sorted(name for name in LEGENDS if LEGENDS[name]["series"]))
def test_the_numbers_of_the_alternative_text_are_those_of_the_data(name: str) -> None:
    """Who hears the figure hears the values of the tables."""
    columns = list(by_column(LEGENDS[name]["series"]))
    values = {abs(value) for column in columns for value in column} | set(map(sum, columns))
    values |= {value / 10**power for value in values for power in (9, 24, 25)}
    values |= words(LEGENDS[name]["series"]) | set(LEGENDS[name].get("autres", ()))
    for value, decimals in numbers(LEGENDS[name]["alt"]):
        if decimals or value >= 100:
            assert any(abs(value - one) <= 0.5001 * 10**-decimals for one in values), value


# --- the whole ------------------------------------------------------------------------------------


def test_the_book_has_what_a_book_has() -> None:
    """Long enough to be a book, with its tables, formulas, programs, glossary, index and works cited."""
    text = "\n".join(CHAPTERS.values())
    works = set(
        re.findall(
            r"^@\w+\{([\w-]+),", Path(BOOK, "references.bib").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    counted = {
        "words": len(re.findall(r"[^\W\d_]+(?:[’-][^\W\d_]+)*", re.sub(r"\{[^}]*\}|\]\([^)]*\)", "", text))),
        "figures": len(set(re.findall(r"\{#(fig-[\w-]+)", text))),
        "tables": len(set(re.findall(r"\{#(tbl-[\w-]+)\}", text))),
        "formulas": len(set(re.findall(r"\{#(eq-[\w-]+)\}", text))),
        "programs": len(set(re.findall(r"#(lst-[\w-]+) ", text))),
        "glossary": CHAPTERS["glossaire.md"].count("\n:   "),
        "index": len(
            set(re.findall(r'\{\.index entry="([^"]+)"', text))
            | set(re.findall(r"\[([^\[\]]+)\]\{\.index\}", text))
        ),
        "works": len({work for work in works if f"@{work}" in text}),
    }
    least = {
        "words": 35_000, "figures": 17, "tables": 12, "formulas": 4, "programs": 3, "glossary": 45,
        "index": 200, "works": 36,
    }  # fmt: skip
    assert {name: counted[name] for name in least if counted[name] < least[name]} == {}
    assert {work for work in works if f"@{work}" not in text} == set(), "a work that no note cites"


def test_a_proof_reader_marks_nothing() -> None:
    """Spaces, quotes, dashes, spellings of a name: the text is as the house sets it."""
    assert [(mark.place, mark.rule, mark.found) for mark in proofread(BOOK).marks] == []


@pytest.mark.parametrize("kind", ["tbl", "eq", "lst"])
def test_the_text_speaks_of_what_it_numbers(kind: str) -> None:
    """Each table, formula and program is named where the text needs it."""
    text = "\n".join(CHAPTERS.values())
    named = set(re.findall(rf"#({kind}-[\w-]+)", text))
    assert {name for name in named if f"@{name}" not in text} == set()


# --- cover ----------------------------------------------------------------------------------------


def test_the_cover_is_what_its_script_draws() -> None:
    """Words on the cover are those of book.toml; the JPEG is the SVG, as large as shops ask for."""
    program = runpy.run_path(str(FIGURES / "couverture.py"))
    drawn = program["cover"]()
    assert drawn == Path(IMAGES, "couverture.svg").read_text(encoding="utf-8"), "`make figures` draws it anew"
    with (
        Image.open(Path(IMAGES, "couverture.jpg")) as shown,
        Image.open(BytesIO(program["jpeg"](drawn))) as made,
    ):
        assert shown.size == (1600, 2560)
        difference = ImageChops.difference(shown, made).resize((40, 64))
        assert max(difference.tobytes()) < 8


def test_the_ornaments_are_what_their_script_draws() -> None:
    """Fence and ball of the printed pages are those of the script, and the style names no other."""
    drawn = runpy.run_path(str(FIGURES / "ornements.py"))["ornaments"]()
    files = {file.name: file.read_text(encoding="utf-8") for file in BOOK.glob("styles/*.svg")}
    assert files == drawn, "`make figures` draws them anew"
    style = Path(BOOK, "styles", "papier.css").read_text(encoding="utf-8")
    assert set(re.findall(r'url\("([^"]+)"\)', style)) == set(files)


# --- listings -------------------------------------------------------------------------------------

#: What a name of a listing is called in configuration.csv, where it differs.
NAMES = {
    "contenu": "dim_contenu",
    "position": "dim_position", "valeur": "dim_valeur", "largeur": "largeur_expert",
    "actifs": "experts_actifs",
    "partages": "experts_partages", "denses": "couches_denses",
}  # fmt: skip


def run(name: str) -> tuple[str, dict[str, Any]]:
    """Run a listing; return what it prints and its names."""
    output = StringIO()
    with redirect_stdout(output):
        names = runpy.run_path(str(LISTINGS / f"{name}.py"))
    return output.getvalue(), names


@pytest.mark.parametrize("name", ["parametres", "cache_kv", "cout"])
def test_the_listing_prints_what_the_book_prints(name: str) -> None:
    """The output beside a listing is what it prints today; a chapter that shows it shows it whole."""
    source = Path(LISTINGS, f"{name}.py").read_text(encoding="utf-8")
    printed, _ = run(name)
    assert printed == Path(LISTINGS, f"{name}.txt").read_text(encoding="utf-8")
    for text in CHAPTERS.values():
        if source.partition("\n")[0] in text:
            assert source.strip() in text, "the chapter shows an older listing"
            assert printed.strip() in text, "the chapter shows an older output"


def test_the_listings_use_the_public_configuration() -> None:
    """The numbers that a listing begins with are those of the tables, and so is what it finds."""
    configuration = {row["cle"]: int(row["valeur"]) for row in rows("configuration")}
    _, parameters = run("parametres")
    _, memory = run("cache_kv")
    for names in (parameters, memory):
        for name in set(names) & (set(configuration) | set(NAMES)):
            assert names[name] == configuration[NAMES.get(name, name)], name
    assert parameters["total"] == sum(int(row["total"]) for row in rows("parametres"))
    assert parameters["eveilles"] == sum(int(row["actifs"]) for row in rows("parametres"))
    first, *_, last = (float(row["ko_par_jeton"]) for row in rows("cache"))
    assert (memory["latente"] * memory["octets"], memory["entiere"] * memory["octets"]) == (
        1000 * first,
        1000 * last,
    )


def test_the_costs_are_those_of_the_tables() -> None:
    """The hours of V3 are the report's; those of R1, rounded to thousands, are Nature's."""
    _, names = run("cout")
    hours = {(row["modele"], row["etape"]): int(row["heures"]) for row in rows("cout")}
    assert all(hours["V3", step] == value for step, value in names["v3"].items())
    assert all(hours["R1", step] == round(value, -3) for step, value in names["r1"].items())
    assert names["llama"] == 1e6 * float(
        next(row for row in rows("heures") if "405B" in row["modele"])["heures_millions"]
    )
