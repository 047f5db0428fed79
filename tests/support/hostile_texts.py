"""What anybody may write into a commit, a name or an answer: texts by name, and as many more as a seed gives."""

import random
from collections.abc import Iterator
from typing import Final

EVIL: Final = "evil.example"

NAMED: Final[dict[str, str]] = {
    # --- taken for an option or an address
    "an option": "--output=/tmp/owned",
    "a short option": "-c core.sshCommand=owned",
    "an option behind a line": "x\n--upload-pack=touch /tmp/owned",
    "another transport": "ext::sh -c touch% /tmp/owned",
    "a descriptor transport": "fd::17/owned",
    "an ssh option": "ssh://-oProxyCommand=touch/owned",
    "end of options": "--end-of-options",
    "two dashes": "--",
    "standard input": "-",
    "a pathspec": ":(exclude)*",
    "a revision walk": "main..staging^{/owned}",
    "a home": "~/../../etc/passwd",
    # --- control of a terminal
    "a colour": "\x1b[31mred\x1b[0m",
    "a cleared screen": "\x1b[2J\x1b[H",
    "a window title": "\x1b]0;owned\x07",
    "a hyperlink": f"\x1b]8;;https://{EVIL}\x1b\\click\x1b]8;;\x1b\\",
    "a clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "an eight-bit control": "\x9b31mred",
    "an eight-bit string": "\x9d0;owned\x9c",
    "an unfinished sequence": "\x1b[",
    "a device query": "\x1b[6n\x1b[c",
    "a backspace": "good\x08\x08\x08\x08evil",
    "a bell": "\x07\x07\x07",
    "a return": "evil\rgood",
    "a zero": "a\x00b",
    "a shift": "\x0e\x0f",
    "a delete": "x\x7fy",
    # --- what hides or turns text around
    "a turned direction": "\u202egnp.exe\u202c",
    "isolates": "\u2066x\u2069\u2067y\u2069",
    "marks": "\u200e\u200f\u061c",
    "zero widths": "a\u200b\u200c\u200d\u2060\ufeffb",
    "tags": "x\U000e0041\U000e0042\U000e007f",
    "variation selectors": "x\ufe0f\U000e0100\u180b",
    "fillers": "\u3164\u115f\uffa0",
    "piled marks": "z" + "\u0301" * 200,
    "a soft hyphen": "ev\xadil",
    "half a pair": "\ud83d lone",
    "the other half": "\udc80\udcff",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "private signs": "\ue000\U000f0000",
    # --- line ends of all sorts
    "a new line": "one\ntwo",
    "two lines": "subject\r\n\r\nbody",
    "a line separator": "one\u2028two\u2029three",
    "other line ends": "a\x0bb\x0cc\x85d",
    # --- markup
    "a script": "<script>alert(1)</script>",
    "an image": f"<img src=http://{EVIL}/x onerror=alert(1)>",
    "a closed tag": "</td></tr></table></details></main>",
    "a comment": "<!-- --> <!--[if IE]> -->",
    "a style": "</style><style>*{display:none}",
    "a marked section": "]]> <![CDATA[ x ]]>",
    "an entity": "&lt;b&gt; &#64;ada &commat;ada &amp;#35;1",
    "a processing instruction": "<?xml version='1.0'?><?php owned ?>",
    "a doctype": "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "quotes": "\"'`' onmouseover='x' \"",
    "a link": f"[click](https://{EVIL})",
    "a picture": f"![x](https://{EVIL}/x.png)",
    "a reference": f"[x]: https://{EVIL} 'x'",
    "an automatic link": f"<https://{EVIL}>",
    "a bare address": f"see https://{EVIL}/a and www.{EVIL} and {EVIL}://x",
    "a script address": "[x](javascript:alert(1)) data:text/html,x",
    "a mail address": f"mail ada@{EVIL} or <mailto:ada@{EVIL}>",
    "a fence": "```\n~~~\n```",
    "a diagram": "```mermaid\ngraph TD; a-->b; click a href 'https://evil.example'\n```",
    "a formula": "$x$ $$y$$ `$z$`",
    "a heading": "# heading",
    "an underline": "x\n=====",
    "a rule": "---",
    "a list": "- [x] done",
    "a number": "1. one",
    "a quotation": "> quoted",
    "an alert": "> [!CAUTION]\n> owned",
    "a cell": "a | b | c |\n|---|---|",
    "stars": "***x*** __y__ ~~z~~ ==w==",
    "a backslash": "x\\",
    "a footnote": "x[^1]\n\n[^1]: y",
    # --- what a host acts upon
    "a mention": "@ada and @acme/team",
    "a mention that goes on": "to @",
    "a code that goes on": "x:7",
    "everybody": "@everyone @here @channel <!channel> <@U123>",
    "an issue": "#12 acme/shop#13 GH-14",
    "a closing keyword": "Fixes #12, closes acme/shop#13, resolves GH-14",
    "a closing address": "closes https://github.com/acme/shop/issues/12",
    "a closing line": "subject\n\nFixes: #12\nResolves #13",
    "a commit": "deadbeef1 " + "0a" * 20,
    "a merge request": "!12 acme/shop!13 &14 %15 ~label $16 [issue:1]",
    "a quick action": "/close\n/approve",
    "an emoji": ":tada: :+1:",
    "a workflow command": "::set-output name=x::y\n##[error]x\n::add-mask::x",
    "a skipped build": "[skip ci] [ci skip] ***NO_CI***",
    # --- templates and other languages
    "a template": "{{ 7 * 7 }} {% raw %} {# x #}",
    "an escape from a template": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a format": "{0.__class__} {sha} {date} %s %(x)s %n",
    "a shell": "$(touch /tmp/owned) `touch /tmp/owned` ; rm -rf / #",
    "rich markup": "[bold red]x[/] [link=https://evil.example]y[/link]",
    "a spreadsheet": '=HYPERLINK("https://evil.example";"x") +1 -1 @SUM(1)',
    "a database": "'; DROP TABLE runs; --",
    "JSON": '"}], "outcome": "promoted", "x": [{"',
    "a JUnit suite": '"/></testcase><testcase name="x"/><failure message="',
    # --- what could be taken for our own words
    "our trailers": f"x\n\nPromoted-Commit: {'1' * 40}\nRun-Id: owned\nEvidence-SHA256: {'2' * 64}\nAttempts: 9",
    "a signature": "x\n-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----",
    "an SSH signature": "-----BEGIN SSH SIGNATURE-----",
    "the end of a message": "x\n---\ny",
    "scissors": "# ------------------------ >8 ------------------------",
    "a signed-off line": f"Signed-off-by: x <x@{EVIL}>\nCo-authored-by: y <y@{EVIL}>",
    "a merge": "Merge pull request #12 from acme/feat\n\nFixes #13",
    "a revert": f'Revert "x"\n\nThis reverts commit {"3" * 40}.',
    "a breaking change": "feat(@ada)!: x\n\nBREAKING CHANGE: [y](https://evil.example) @ada #1",
    # --- nothing, and too much
    "nothing": "",
    "blanks": " \t \n ",
    "length": "A" * 5000,
    "many words": "@ada #1 " * 400,
    "many brackets": "[" * 600 + "(" * 600,
    "many letters": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 60,
}

_PIECES: Final = (
    *(piece for text in NAMED.values() for piece in text[:80].split()),
    *NAMED.values(),
    *"\\`*_{}[]<>()#+-.!|~@:/&%$^=\"';?,\n\r\t \u2028\u202e\u200b\x00\x1b\x9b\x07\x08\x7f\ud800\ufffe",
    *("é", "字", "👩‍💻", "ß", "א", "a", "Z", "0", "7f", "fix", "closes", "http", "www."),
)


def fuzzed(seed: int) -> Iterator[str]:
    """Texts without end, put together of hostile pieces and random signs; the same for the same seed."""
    chance = random.Random(seed)
    while True:
        yield "".join(_piece(chance) for _ in range(chance.choice((1, 2, 3, 5, 8, 13))))[:2000]


def _piece(chance: random.Random) -> str:
    if chance.random() < 0.8:
        return chance.choice(_PIECES)
    top = chance.choice((0x80, 0x300, 0x2100, 0x10000, 0x110000))
    return "".join(chr(chance.randrange(top)) for _ in range(chance.randrange(1, 5)))
