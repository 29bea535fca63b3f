"""The weight language: a small arithmetic over the touches of a journey, parsed by us and written as SQL.

A weight is one number per touch, before normalising: `power(2, -days_before_conversion / half_life_days)`.
Nothing but what is listed here can be said in it, so that a weight from a configuration file can neither
read another table nor differ between engines.

    number     1   0.5   2.5e-3
    text       'paid_search_brand'   (without quotes or backslashes inside: engines differ about those)
    variables  those of `VARIABLES`, and the model's own parameters
    functions  those of `FUNCTIONS`
    operators  + - * /   = <> != < <= > >=   and or not   x in (a, b)   x is null   x is not null
    choice     case when CONDITION then VALUE [when …] [else VALUE] end

Everything is a double, a text or a condition. What has no value (a division by zero, the logarithm of a
number that is not positive) is null, and a null weight is zero.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipeline.errors import UsageError

NUMBER, TEXT, CONDITION = "number", "text", "condition"

#: What a weight may read of a touch: its type, and what it means.
VARIABLES: dict[str, tuple[str, str]] = {
    "touch_number": (NUMBER, "place of the touch in its journey, from 1"),
    "touch_count": (NUMBER, "touches in the journey"),
    "days_before_conversion": (NUMBER, "fractional days from the touch to the conversion"),
    "channel_touch_count": (NUMBER, "touches of this touch's channel in the journey"),
    "channel": (TEXT, "the touch's channel"),
    "campaign_id": (TEXT, "the touch's campaign"),
    "content_name": (TEXT, "what was shown or sent"),
    "touch_kind": (TEXT, "what the person did, e.g. form_fill"),
    "buying_role": (TEXT, "the person's role in the buying group; null when none is known"),
    "conversion_type": (TEXT, "mql, sal, sql, opportunity or won"),
    "is_offline": (CONDITION, "it happened away from a screen"),
    "is_direct": (CONDITION, "its channel is direct"),
    "is_marketing": (CONDITION, "marketing's touch, not sales'"),
    "is_first": (CONDITION, "the earliest of the journey"),
    "is_last": (CONDITION, "the latest of the journey"),
    "is_lead_creation": (CONDITION, "holds the lead creation milestone"),
    "is_mql": (CONDITION, "holds the mql milestone"),
    "is_sal": (CONDITION, "holds the sal milestone"),
    "is_sql": (CONDITION, "holds the sql milestone"),
    "is_opportunity_creation": (CONDITION, "holds the opportunity creation milestone"),
    "is_closing": (CONDITION, "holds the closing milestone"),
}

#: Functions: how many arguments (least, most), and the SQL, which must mean the same on every engine.
FUNCTIONS: dict[str, tuple[int, int, str]] = {
    "power": (2, 2, "power({0}, {1})"),
    "exp": (1, 1, "exp({0})"),
    "ln": (1, 1, "ln(case when {0} > 0e0 then {0} end)"),
    "sqrt": (1, 1, "sqrt(case when {0} >= 0e0 then {0} end)"),
    "abs": (1, 1, "abs({0})"),
    "least": (2, 8, "least({all})"),
    "greatest": (2, 8, "greatest({all})"),
    "coalesce": (2, 8, "coalesce({all})"),
}

KEYWORDS = {"and", "or", "not", "in", "is", "null", "case", "when", "then", "else", "end"}
MOST_CHARACTERS = 2_000
MOST_DEPTH = 40

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<text>'[^'\\]*')|(?P<sign><=|>=|<>|!=|[-+*/()=<>,]))"
)


@dataclass(frozen=True)
class Term:
    """A part of an expression that has been understood: its SQL and its type."""

    sql: str
    kind: str


def weight_sql(expression: str, parameters: Mapping[str, float], *, of: str = "weight") -> str:
    """The SQL of a weight expression over the columns of a touch, a double or null.

    `parameters` are the model's own numbers, written into the SQL. `of` names the expression in errors.
    Raises `UsageError` saying what was not understood, where, and what is allowed.
    """
    term = _Parser(expression, parameters, of).parse()
    return term.sql


def check_names(names: Collection[str], of: str) -> None:
    """Refuse parameters that a weight could not name, or that hide one of its words."""
    for name in names:
        if not re.fullmatch(r"[a-z_][a-z_0-9]*", name) or name in VARIABLES or name in FUNCTIONS or name in KEYWORDS:
            raise UsageError(f"{of}: {name!r} cannot be a parameter: it must be a lower-case name of its own")


def allowed(parameters: Collection[str] = ()) -> str:
    """The whole vocabulary in one sentence, for error messages."""
    own = f"; parameters: {', '.join(sorted(parameters))}" if parameters else ""
    return (
        f"allowed are numbers, 'texts', the variables {', '.join(VARIABLES)}{own}; the functions "
        f"{', '.join(FUNCTIONS)}; + - * / = <> < <= > >=, and, or, not, in (…), is null, case when … then … else … end"
    )


class _Parser:
    """Recursive descent, one method a level of precedence."""

    def __init__(self, expression: str, parameters: Mapping[str, float], of: str) -> None:
        self.of, self.text, self.parameters = of, expression, parameters
        self.position, self.depth = 0, 0
        self.tokens = self._tokens()

    def parse(self) -> Term:
        term = self._any()
        if self._peek() is not None:
            raise self._error(f"{self._peek()!r} was not expected")
        return self._as(term, NUMBER, "a weight")

    # -- tokens ---------------------------------------------------------------------------------

    def _tokens(self) -> list[tuple[str, str, int]]:
        if not isinstance(self.text, str) or not self.text.strip():
            raise UsageError(f"{self.of}: the expression is empty; {allowed(self.parameters)}")
        if len(self.text) > MOST_CHARACTERS:
            raise UsageError(f"{self.of}: {len(self.text)} characters; at most {MOST_CHARACTERS}")
        tokens, at, text = [], 0, self.text.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                rest = text[at:].lstrip()
                raise UsageError(f"{self.of}: {rest[:12]!r} is not understood; {allowed(self.parameters)}")
            kind = match.lastgroup or ""
            value = match.group(kind)
            if kind == "sign" and value == "-" and text[match.end() :].startswith("-"):
                raise UsageError(f"{self.of}: comments (`--`) are not understood; {allowed(self.parameters)}")
            tokens.append((kind, value.lower() if kind == "name" else value, match.start(kind)))
            at = match.end()
        return tokens

    def _peek(self) -> str | None:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else None

    def _take(self, *values: str) -> bool:
        token = self._peek()
        if token in values and self.tokens[self.position][0] != "text":
            self.position += 1
            return True
        return False

    def _expect(self, value: str) -> None:
        if not self._take(value):
            found = self._peek()
            raise self._error(f"{value!r} was expected, not {found!r}" if found else f"{value!r} is missing at the end")

    def _error(self, problem: str) -> UsageError:
        index = min(self.position, len(self.tokens) - 1)
        return UsageError(
            f"{self.of}: {problem} (near character {self.tokens[index][2] + 1} of {self.text!r}); "
            + allowed(self.parameters)
        )

    def _as(self, term: Term, kind: str, role: str) -> Term:
        if term.kind != kind:
            raise self._error(f"{role} must be a {kind}, not a {term.kind}")
        return term

    # -- grammar --------------------------------------------------------------------------------

    def _any(self) -> Term:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise self._error(f"it is nested more than {MOST_DEPTH} deep")
        term = self._and()
        while self._take("or"):
            term = self._join("or", term, self._and())
        self.depth -= 1
        return term

    def _and(self) -> Term:
        term = self._not()
        while self._take("and"):
            term = self._join("and", term, self._not())
        return term

    def _join(self, word: str, left: Term, right: Term) -> Term:
        for side in (left, right):
            self._as(side, CONDITION, f"a side of {word!r}")
        return Term(f"({left.sql} {word} {right.sql})", CONDITION)

    def _not(self) -> Term:
        negations = 0
        while self._take("not"):
            negations += 1
        term = self._comparison()
        if negations:
            self._as(term, CONDITION, "what follows 'not'")
        return Term(f"(not {term.sql})", CONDITION) if negations % 2 else term

    def _comparison(self) -> Term:
        left = self._sum()
        if self._take("is"):
            negated = self._take("not")
            self._expect("null")
            return Term(f"({left.sql} is {'not ' if negated else ''}null)", CONDITION)
        negated = self._take("not")
        if self._take("in"):
            self._expect("(")
            items = [self._alike(left, self._sum())]
            while self._take(","):
                items.append(self._alike(left, self._sum()))
            self._expect(")")
            listed = ", ".join(item.sql for item in items)
            return Term(f"({left.sql} {'not ' if negated else ''}in ({listed}))", CONDITION)
        if negated:
            raise self._error("'in' was expected after 'not'")
        for sign in ("<=", ">=", "<>", "!=", "=", "<", ">"):
            if self._take(sign):
                right = self._alike(left, self._sum())
                return Term(f"({left.sql} {'<>' if sign == '!=' else sign} {right.sql})", CONDITION)
        return left

    def _alike(self, left: Term, right: Term) -> Term:
        if left.kind != right.kind or left.kind == CONDITION:
            raise self._error(f"a {left.kind} cannot be compared with a {right.kind}")
        return right

    def _sum(self) -> Term:
        term = self._product()
        while (sign := self._peek()) in ("+", "-") and self._take("+", "-"):
            term = self._calculate(sign or "", term, self._product())
        return term

    def _product(self) -> Term:
        term = self._signed()
        while (sign := self._peek()) in ("*", "/") and self._take("*", "/"):
            term = self._calculate(sign or "", term, self._signed())
        return term

    def _calculate(self, sign: str, left: Term, right: Term) -> Term:
        for side in (left, right):
            self._as(side, NUMBER, f"a side of {sign!r}")
        divisor = f"nullif({right.sql}, 0e0)" if sign == "/" else right.sql
        return Term(f"({left.sql} {sign} {divisor})", NUMBER)

    def _signed(self) -> Term:
        if self._take("-"):
            return Term(f"(- {self._as(self._primary(), NUMBER, 'what follows a minus').sql})", NUMBER)
        self._take("+")
        return self._primary()

    def _primary(self) -> Term:
        if self.position >= len(self.tokens):
            raise self._error("it ends too early")
        kind, value, _ = self.tokens[self.position]
        if kind == "sign" and value != "(":
            raise self._error(f"{value!r} was not expected")
        self.position += 1
        if kind == "number":
            if not math.isfinite(float(value)):
                raise self._error(f"{value} is too large")
            return Term(double(float(value)), NUMBER)
        if kind == "text":
            return Term(value, TEXT)
        if kind == "sign":
            term = self._any()
            self._expect(")")
            return term
        return self._named(value)

    def _named(self, name: str) -> Term:
        if name == "case":
            return self._case()
        if self._peek() == "(" and name not in KEYWORDS:
            return self._function(name)
        if name in self.parameters:
            return Term(double(self.parameters[name]), NUMBER)
        if name in VARIABLES:
            kind = VARIABLES[name][0]
            return Term(f"cast({name} as double)" if kind == NUMBER else name, kind)
        self.position -= 1
        raise self._error(f"unknown name {name!r}")

    def _function(self, name: str) -> Term:
        if name not in FUNCTIONS:
            self.position -= 1
            raise self._error(f"unknown function {name!r}")
        least, most, template = FUNCTIONS[name]
        self._expect("(")
        arguments = [self._as(self._any(), NUMBER, f"an argument of {name}")]
        while self._take(","):
            arguments.append(self._as(self._any(), NUMBER, f"an argument of {name}"))
        self._expect(")")
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise self._error(f"{name} takes {wanted} arguments, not {len(arguments)}")
        sql = [argument.sql for argument in arguments]
        return Term(template.format(*sql, all=", ".join(sql)), NUMBER)

    def _case(self) -> Term:
        branches = ""
        while self._take("when"):
            condition = self._as(self._any(), CONDITION, "what follows 'when'")
            self._expect("then")
            branches += f" when {condition.sql} then {self._as(self._any(), NUMBER, 'what follows then').sql}"
        if not branches:
            raise self._error("'when' was expected after 'case'")
        if self._take("else"):
            branches += f" else {self._as(self._any(), NUMBER, 'what follows else').sql}"
        self._expect("end")
        return Term(f"(case{branches} end)", NUMBER)


def double(value: float) -> str:
    """A literal that every engine reads as a double: what `0.4` is differs between engines, `0.4e0` does not."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"
