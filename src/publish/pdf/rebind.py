"""A bound book and the few sheet sets that changed → the book bound again, the same bytes as from nothing.

Binding a long book takes a second and more; to open what was bound, put the new pages in place of the old
ones and save takes a third of that. It is done only where nothing else moves: the same pages, heads and
folios, and links into what changed lead where they led. Else the book is bound from nothing.
"""

from __future__ import annotations

import io
import pickle
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from publish.cache import Store, key
from publish.pdf.assembly import Assembly
from publish.pdf.bind import saved
from publish.pdf.embed import EmbeddedFonts, without_fonts
from publish.pdf.leaves import FORM, Dress, Leaves, contents, dress, opened, trim
from publish.pdf.links import Links
from publish.pdf.run import unpacked
from publish.pdf.sheets import ELSEWHERE, LinkAnnotation, Node, SheetSet, Stretch, digest
from publish.pdf.tag import Branch, retag

_LINK_ELSEWHERE = re.compile(f'href="{ELSEWHERE}([^"]*)"')


class _MisfitError(Exception):
    """What is new has no place in what was bound."""


@dataclass(frozen=True, slots=True)
class LastBinding:
    """A book as it was bound last; to bind into it uses it up."""

    pdf: Pdf
    #: Stretch → the sheet set that was bound for it, where it isn't that of today.
    replaced: Mapping[int, SheetSet]


class LastBook:
    """The book as its last build left it in the cache."""

    def __init__(self, store: Store, name: str) -> None:
        """Take a book by a name that its builds share; nothing is opened yet."""
        self._store, self._name = store, name
        #: Its frame, the name of the printed book, those of its sheet sets: read once, for another build may
        #: note another book meanwhile.
        self._frame, self._printed, self._keys = self._noted()
        self._pdf: Pdf | None = None

    def open(self) -> None:
        """Open it, which takes as long as a short section takes to typeset: best done meanwhile."""
        if self._printed and (data := self._store.get(self._printed)):
            self._pdf = Pdf.open(io.BytesIO(pickle.loads(data).data))  # noqa: S301 - our own cache
            self._pdf.make_indirect(Dictionary())  # qpdf reads all objects before it makes one

    def binding(self, framed: str, keys: Sequence[str]) -> LastBinding | None:
        """Return it, with the sheet sets that aren't those of `keys`; None: it has another frame."""
        if self._frame != framed:
            return None
        changed = [i for i, (old, new) in enumerate(zip(self._keys, keys, strict=True)) if old != new]
        sets = {index: unpacked(self._store.get(self._keys[index])) for index in changed}
        replaced = {index: sheets for index, sheets in sets.items() if sheets}
        if self._pdf is None:
            self.open()
        return LastBinding(self._pdf, replaced) if self._pdf and len(replaced) == len(sets) else None

    def keep(self, framed: str, printed: str, keys: Sequence[str]) -> None:
        """Note a book that the cache has under `printed`, with its frame and the names of its sheet sets."""
        self._store.put(self._name, pickle.dumps((framed, printed, keys), protocol=5))

    def _noted(self) -> tuple[str, str, Sequence[str]]:
        noted = self._store.get(self._name)
        return pickle.loads(noted) if noted else ("", "", ())  # noqa: S301 - our own cache


def frame(assembly: Assembly, fingerprint: str) -> str:
    """Return the name of everything that a binding is made of but the sheet sets of its stretches.

    Two assemblies of one frame differ in what their pages show, not in how many there are or where.
    `fingerprint` is that of our code and the engine.
    """
    stretches = (
        (s.matter, s.kind, s.sections, s.depth, s.recto_head, s.verso_head) for s in assembly.stretches
    )
    furniture = assembly.furniture
    return key(
        "frame", fingerprint, *map(repr, stretches), *map(repr, assembly.placed), repr(assembly.geometry),
        repr(assembly.outline), repr(assembly.identity), furniture.sheets.pdf, assembly.attached,
        *(digest(face.data) for face in assembly.faces),
    )  # fmt: skip


def rebind(book: Assembly, last: LastBinding) -> bytes | None:
    """Bind an assembly by changing what was bound in its frame; None: it has to be bound from nothing."""
    led_to = _led_to_from_elsewhere(book)
    fits = all(
        book.stretches[stretch].kind != "part"  # other stretches stand in its element
        and _fits(book.sets[stretch], old)
        and led_to.isdisjoint(_moved(book.sets[stretch], old))
        for stretch, old in last.replaced.items()
    )
    if book.identity.standard.is_pdf2 or not fits:  # links of PDF 2.0 lead to elements too
        return None
    try:
        return _Rebinder(book, last).rebind()
    except _MisfitError:
        return None


def _fits(new: SheetSet, old: SheetSet) -> bool:
    """Tell whether a sheet set has the pages, notes and links of another, and each anchor on its page."""
    return (
        new.pages > 0
        and (new.pages, new.particular, new.terms) == (old.pages, old.particular, old.terms)
        and _identifiers(new.tree) == _identifiers(old.tree)
        and _links_by_page(new.tree) == _links_by_page(old.tree)
        and _pages_of_anchors(new) == _pages_of_anchors(old)
    )


def _pages_of_anchors(sheets: SheetSet) -> dict[str, int]:
    return {anchor: spot.page for anchor, spot in sheets.places.items()}


def _moved(new: SheetSet, old: SheetSet) -> set[str]:
    """Return the anchors that stand elsewhere on their page than before."""
    return {anchor for anchor, spot in new.places.items() if spot != old.places[anchor]}


def _led_to_from_elsewhere(book: Assembly) -> set[str]:
    """Return the anchors that another stretch or the outline leads to."""
    jobs = (stretch.job.xhtml for stretch in book.stretches)
    led = {unescape(anchor) for xhtml in jobs for anchor in _LINK_ELSEWHERE.findall(xhtml)}
    return led.union(entry.anchor for entry in book.outline)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for kid in node.kids:
        if isinstance(kid, Node):
            yield from _nodes(kid)


def _identifiers(tree: Node) -> list[str]:
    return sorted(node.identifier for node in _nodes(tree) if node.identifier)


def _links_by_page(tree: Node) -> Counter[int]:
    return Counter(kid.page for node in _nodes(tree) for kid in node.kids if isinstance(kid, LinkAnnotation))


class _Rebinder:
    """One binding that begins with what was bound before."""

    def __init__(self, book: Assembly, last: LastBinding) -> None:
        self._book, self._replaced = book, last.replaced
        self._pdf = last.pdf
        self._leaves = Leaves(self._pdf, book.placed, book.geometry)
        self._fonts = EmbeddedFonts(self._pdf, book.faces)

    def rebind(self) -> bytes:
        if not self._find_fonts():
            raise _MisfitError
        branches = [self._branch(stretch) for stretch in self._replaced]
        sources = [self._replace(stretch) for stretch in self._replaced]
        self._fonts.finish()
        links = Links(self._book, self._leaves)
        for position in (page for stretch in self._replaced for page in self._leaves.of_stretch(stretch)):
            links.settle(position)
        if not retag(self._pdf, branches, self._leaves):
            raise _MisfitError
        data = saved(self._pdf, is_pdf2=False)
        del sources  # which had to outlive their pages
        return data

    def _find_fonts(self) -> bool:
        """Find the fonts where pages use them, and tell whether all that are used now are there."""
        for stretch, sheets in enumerate(self._book.sets):
            before = self._replaced.get(stretch, sheets)
            if before.pages and not self._fonts.knows(before.fonts):
                page = self._leaves.pages[self._leaves.position(stretch, 0)]
                self._fonts.know(page.Resources, before.fonts)
        furniture = self._book.furniture.sheets
        for form in filter(None, map(_a_form, self._leaves.pages)):
            self._fonts.know(form.Resources, furniture.fonts)
            break
        used = [sheets.fonts for sheets in (*self._book.sets, furniture) if sheets.pages]
        for uses in used:
            self._fonts.use(uses)
        return all(map(self._fonts.knows, used))

    def _branch(self, stretch: int) -> Branch:
        """Return the place of a stretch in the tree, and what is to stand there."""
        pages = (self._leaves.pages[position] for position in self._leaves.of_stretch(stretch))
        links = (link for page in pages for link in page.get(Name.Annots, ()))
        numbers = (int(link.StructParent) for link in links if Name.StructParent in link)
        tree = self._book.sets[stretch].tree
        return Branch(stretch, tree, _parts_around(self._book.stretches, stretch), min(numbers, default=0))

    def _replace(self, stretch: int) -> Pdf:
        """Put the pages of a stretch's new sheet set in place of the old ones; return what they come from."""
        sheets, positions = self._book.sets[stretch], self._leaves.of_stretch(stretch)
        source = opened(sheets)
        without_fonts(source)
        new = [self._pdf.copy_foreign(page.obj) for page in source.pages]
        self._fonts.give(new[0].Resources, sheets.fonts)
        for position, page in zip(positions, new, strict=True):
            old = self._leaves.pages[position]
            trim(page, self._book.placed[position], self._book.geometry)
            dress(page, _dressing(old))
            _turn_into(old, page)
        return source


def _parts_around(stretches: Sequence[Stretch], stretch: int) -> int:
    """Return how many parts a stretch stands in, one in another."""
    around = inside = 0
    for one in stretches[: stretch + 1]:
        around = inside if one.depth > 1 else 0
        inside = around + 1 if one.kind == "part" else around
    return around


def _dressing(page: Object) -> Dress:
    """Return what stands around the content of a bound page."""
    streams = contents(page)
    return Dress(streams[0], streams[-1], dict(_forms(page)))


def _forms(page: Object) -> Iterator[tuple[str, Object]]:
    drawn = page.get(Name.Resources, Dictionary()).get(Name.XObject, Dictionary())
    return ((name, form) for name, form in drawn.items() if name.startswith(FORM))


def _a_form(page: Object) -> Object | None:
    return next((form for _, form in _forms(page)), None)


def _turn_into(page: Object, other: Object) -> None:
    """Give a page the entries of another; its objects stay where they are in the file.

    qpdf writes the objects of an object stream in the order of their numbers.
    """
    _kept(other.Resources, page.Resources, {})
    if Name.Annots in other:
        if len(page.get(Name.Annots, ())) != len(other.Annots):
            raise _MisfitError
        links = zip(page.Annots, other.Annots, strict=True)
        other.Annots = Array([_refilled(old, new) for old, new in links])
    other.Parent = page.Parent
    _refilled(page, other)


def _kept(value: Object, before: Object, known: dict[tuple[int, int], Object]) -> Object:
    """Put the objects that stood in a dictionary before in place of its own, filled with what those hold.

    Returns what takes the place of the dictionary itself; `known` are those that are in place already.
    """
    if value.is_indirect and value.objgen in known:
        return known[value.objgen]
    if value.is_indirect and value.objgen == before.objgen:
        return value
    stays = before.is_indirect and value.is_indirect and isinstance(value, Dictionary)
    place = before if stays else value
    if value.is_indirect:
        known[value.objgen] = place
    for name, inner in value.items():
        if name in before and isinstance(inner, Dictionary | Stream):
            value[name] = _kept(inner, before[name], known)
    return _refilled(place, value)


def _refilled(dictionary: Object, other: Object) -> Object:
    """Give a dictionary the entries of another, and return it."""
    if dictionary is not other:
        for name in set(dictionary.keys()):
            del dictionary[name]
        for name, value in other.items():
            dictionary[name] = value
    return dictionary
