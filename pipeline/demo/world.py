"""What is true of a world: its channels, how they act on each step, and everything else that moves deals.

All numbers here are the cause; nothing in it is an attribution model's form. A scenario
(`scenarios.py`) is a function from one `World` to another.
"""

from dataclasses import dataclass, field, replace

#: The steps that channels act on, in funnel order. `renewal` is the yearly decision to stay.
STEPS = ("inquiry", "mql", "sal", "sql", "opportunity", "won")


@dataclass(frozen=True)
class Channel:
    """One channel: how often it reaches an account, and what that does.

    `rate` is exposures per account and year at rest; `calendar` channels happen on their event days
    only, where `rate` is the chance to take part in one. An exposure adds 1 to the channel's stock,
    which halves every `half_life_days`. The stock acts through `s^p / (1 + s^p)` with
    `s = stock / half_saturation` and `p = steepness` (1 saturates from the start, 2 and 4 need a
    threshold first), times the step's entry in `effects`.

    The reach depends on the account: `targeting` is the log-rate per unit of fit, `intent` the factor
    while the account is in the market, `retargeting` what a recent visit adds, `open_lift` what an
    open deal adds, `needs_known` whether somebody's address must be known first.
    `recorded_share` is the share of exposures that any system ever sees.
    """

    name: str
    rate: float
    half_life_days: float
    half_saturation: float
    steepness: int
    effects: dict[str, float]
    targeting: float = 0.0
    intent: float = 1.0
    retargeting: float = 0.0
    open_lift: float = 0.0
    calendar: bool = False
    needs_known: bool = False
    is_web: bool = False
    recorded_share: float = 1.0

    def scaled(self, factor: float) -> "Channel":
        """The same channel with every effect multiplied."""
        return replace(self, effects={step: effect * factor for step, effect in self.effects.items()})


def _effects(inquiry: float, mql: float, sal: float, sql: float, opportunity: float, won: float) -> dict[str, float]:
    return dict(zip(STEPS, (inquiry, mql, sal, sql, opportunity, won), strict=True))


# Effects on inquiry and mql add to a hazard a day; the others add to the index x of a decision, taken with 1 - exp(-x).
CHANNELS = (
    Channel("paid_search_brand", 3, 5, 1.0, 1, _effects(0.00024, 0.0012, 0, 0, 0, 0), 0.1, intent=4, is_web=True),
    Channel("paid_search_non_brand", 6, 10, 1.0, 1, _effects(0.001, 0.0024, 0.06, 0, 0, 0), 0.1, intent=2, is_web=True),
    Channel("paid_social", 7, 14, 1.5, 2, _effects(0.00072, 0.0018, 0, 0.06, 0, 0), 0.3, retargeting=0.5, is_web=True),
    Channel("display", 8, 7, 2.0, 2, _effects(0.00016, 0, 0, 0, 0, 0), 0.3, retargeting=1.0, is_web=True),
    Channel("review_site", 1.5, 21, 0.7, 1, _effects(0.0012, 0.0036, 0.2, 0.1, 0.1, 0.1), 0.0, intent=5, is_web=True),
    Channel("content_syndication", 2, 14, 1.0, 1, _effects(0.00088, 0.0012, -0.09, 0, 0, 0), 0.2, is_web=True),
    Channel("organic_search", 9, 14, 1.5, 1, _effects(0.00064, 0.0018, 0.06, 0, 0, 0), 0.0, intent=3, is_web=True),
    Channel("organic_social", 4, 21, 2.0, 2, _effects(0.00048, 0.0006, 0, 0, 0, 0.036), 0.0, is_web=True),
    Channel("email", 16, 10, 2.0, 2, _effects(0.0006, 0.0054, 0.06, 0.12, 0, 0.036), 0.1, needs_known=True),
    Channel("webinar", 0.06, 30, 0.8, 1, _effects(0.00048, 0.0072, 0.24, 0.24, 0.12, 0.036), 0.2, calendar=True,
            needs_known=True),
    Channel("referral", 1.2, 45, 0.6, 1, _effects(0.0014, 0.0036, 0.3, 0.24, 0.18, 0.14), 0.2, is_web=True),
    Channel("partner", 1.2, 45, 0.8, 2, _effects(0.001, 0.0024, 0.18, 0.3, 0.24, 0.18), 0.3),
    Channel("sdr_outbound", 5, 14, 1.5, 4, _effects(0.0008, 0.006, 0.3, 0.18, 0.06, 0), 0.4, needs_known=True),
    Channel("trade_show", 0.10, 40, 0.7, 1, _effects(0.0012, 0.0048, 0.18, 0.18, 0.12, 0.072), 0.3, calendar=True),
    Channel("conference", 0.08, 40, 0.7, 2, _effects(0.0008, 0.0024, 0.12, 0.12, 0.06, 0.072), 0.2, calendar=True),
    Channel("field_event", 0.06, 60, 0.6, 1, _effects(0.0006, 0.0024, 0.18, 0.3, 0.3, 0.25), 0.5, open_lift=1.5,
            calendar=True),
    Channel("executive_meeting", 0.25, 60, 0.6, 4, _effects(0.0002, 0, 0.12, 0.36, 0.48, 0.43), 0.6, open_lift=6),
)  # fmt: skip

CHANNEL_NAMES = tuple(channel.name for channel in CHANNELS)


@dataclass(frozen=True)
class Holdout:
    """A randomised experiment: accounts are kept from a channel, from `first` to `last` (shares of the days)."""

    channel: str
    first: float
    last: float
    held_share: float = 0.5

    @property
    def name(self) -> str:
        """The experiment's id: channel and the share of the days it starts at."""
        return f"holdout-{self.channel}-{round(self.first * 100)}"


@dataclass(frozen=True)
class World:
    """Everything that is true of one simulated company, apart from its random numbers."""

    channels: tuple[Channel, ...] = CHANNELS
    #: (channel, channel, step, effect): what both stocks add when they are high together.
    interactions: tuple[tuple[str, str, str, float], ...] = (
        ("webinar", "email", "mql", 7e-3),
        ("sdr_outbound", "trade_show", "sal", 0.5),
        ("display", "paid_search_non_brand", "inquiry", 6e-4),
        ("executive_meeting", "field_event", "won", 0.5),
    )
    #: What happens without any marketing: hazards a day for inquiry and mql, decision indices for the rest.
    baseline: dict[str, float] = field(
        default_factory=lambda: dict(zip(STEPS, (5e-4, 4e-3, 1.15, 0.95, 1.7, 1.15), strict=True))
    )
    hot_inquiry_index: float = 0.35
    list_lead_share: float = 0.25
    in_market_per_year: float = 0.7
    in_market_days: float = 75.0
    in_market_lift: float = 3.0
    season_amplitude: float = 0.2
    fit_slope: float = 0.5
    #: Accounts that no channel ever reaches.
    unreached_share: float = 0.0
    #: Durations of every waiting time are multiplied by this.
    cycle_factor: float = 1.0
    stagnant_share: float = 0.03
    skip_sal_share: float = 0.03
    #: How much a slow first contact lowers the chance to qualify, per log hour.
    response_slope: float = 0.18
    renewal_index: float = 2.0
    expansion_per_day: float = 7e-4
    #: From this share of the days on, effects are multiplied by `regime_factors` (channel → factor).
    regime_from: float = 1.0
    regime_factors: dict[str, float] = field(default_factory=dict)

    #: Experiments that were run; they are part of what happened.
    holdouts: tuple[Holdout, ...] = (
        Holdout("paid_social", 0.30, 0.42),
        Holdout("paid_search_non_brand", 0.45, 0.57),
        Holdout("email", 0.60, 0.72),
        Holdout("display", 0.74, 0.86),
    )

    def channel(self, name: str) -> Channel:
        """The channel called `name`."""
        return next(channel for channel in self.channels if channel.name == name)

    def change(self, names: tuple[str, ...] | None = None, **values: object) -> "World":
        """The world with fields of its channels (all, or those named) replaced."""
        return replace(
            self,
            channels=tuple(
                replace(channel, **values) if names is None or channel.name in names else channel  # type: ignore[arg-type]
                for channel in self.channels
            ),
        )

    def scale_effects(self, factor: float, names: tuple[str, ...] | None = None) -> "World":
        """The world with effects (and interactions, when all are scaled) multiplied by `factor`."""
        chosen = names or tuple(channel.name for channel in self.channels)
        return replace(
            self,
            channels=tuple(c.scaled(factor) if c.name in chosen else c for c in self.channels),
            interactions=tuple(
                (a, b, step, effect * factor if a in chosen or b in chosen else effect)
                for a, b, step, effect in self.interactions
            ),
        )
