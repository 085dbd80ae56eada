"""A page of HTML as a reader that is not our own takes it apart."""

from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "input", "img", "hr"})


class Page(HTMLParser):
    """Tags, attributes, headings and text of one page; what is opened and not closed is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[tuple[int, str]] = []
        self.open: list[str] = []
        self.cells: list[str] = []
        self._words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self.open.append(tag)
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self._words.append(data)
        if "td" in self.open:
            self.cells.append(data.strip())
        if any(len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() for tag in self.open):
            level, text = self.headings[-1]
            self.headings[-1] = level, " ".join(f"{text} {data}".split())

    @property
    def text(self) -> str:
        """Return all that can be read, with one blank between words."""
        return " ".join("".join(self._words).split())

    @property
    def links(self) -> list[str]:
        return [value for tag, name, value in self.attributes if (tag, name) == ("a", "href")]

    def attributes_named(self, beginning: str) -> list[str]:
        return [value for _, name, value in self.attributes if name.startswith(beginning)]
