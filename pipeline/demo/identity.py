"""How accounts and people look from outside: names, domains, addresses and record ids."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.demo.company import FIRST_NAMES, LAST_NAMES
from pipeline.demo.people import ROLES, TITLES, Accounts
from pipeline.demo.texts import chosen, joined, record_id, where

_STEMS = (
    "Alto", "Bright", "Cedar", "Delta", "Ever", "Fair", "Glen", "High", "Iron", "Juno", "Kite", "Lumen", "Maple",
    "North", "Onyx", "Prime", "Quartz", "River", "Silver", "Terra", "Umber", "Vista", "West", "Yarrow", "Zenith",
)  # fmt: skip
_ENDS = (
    "bridge", "cast", "dale", "field", "forge", "gate", "grove", "land", "line", "mark", "mont", "path", "peak",
    "point", "port", "stone", "trade", "wave", "works", "yard",
)  # fmt: skip
_SUFFIXES = ("Inc", "Group", "Ltd", "Systems", "Partners", "GmbH", "Holdings", "Labs")
_FREE_MAIL = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de")
_TITLE_LIST = [title for role in ROLES for title in TITLES[role]]

#: People of an account have the numbers account * 8 + member.
MEMBERS = 8


class Identity:
    """Text columns of a block's accounts and people; methods take row numbers within the block."""

    def __init__(self, accounts: Accounts, free_mail: bool = True) -> None:
        self.accounts = accounts
        self._free_mail = free_mail
        stem = chosen(_STEMS, accounts.name_parts[:, 0] % len(_STEMS))
        end = chosen(_ENDS, accounts.name_parts[:, 1] % len(_ENDS))
        self._domains = joined(pc.utf8_lower(stem), end, accounts.number, ".example")
        name = joined(stem, end, " ", accounts.number, " ")
        self._names = joined(name, chosen(_SUFFIXES, accounts.name_parts[:, 2] % len(_SUFFIXES)))

    def account_name(self, rows: np.ndarray) -> pa.Array:
        """Company names, unique in the world."""
        return self._names.take(pa.array(rows))

    def domain(self, rows: np.ndarray) -> pa.Array:
        """Mail domains, unique in the world."""
        return self._domains.take(pa.array(rows))

    def account_id(self, rows: np.ndarray) -> pa.Array:
        """Salesforce id of the account."""
        return record_id("001", self.accounts.number[rows])

    def person(self, rows: np.ndarray, member: np.ndarray) -> np.ndarray:
        """The number of a person in the whole company."""
        return self.accounts.number[rows] * MEMBERS + member

    def lead_id(self, rows: np.ndarray, member: np.ndarray) -> pa.Array:
        """Salesforce id of the person as a lead."""
        return record_id("00Q", self.person(rows, member))

    def contact_id(self, rows: np.ndarray, member: np.ndarray) -> pa.Array:
        """Salesforce id of the person as a contact."""
        return record_id("003", self.person(rows, member))

    def deal_id(self, rows: np.ndarray, deal: np.ndarray) -> pa.Array:
        """Salesforce id of an account's deal; null where `deal` is negative."""
        return record_id("006", np.where(deal < 0, -1, self.accounts.number[rows] * 64 + deal))

    def first_name(self, rows: np.ndarray, member: np.ndarray) -> pa.Array:
        """Given names."""
        return chosen(FIRST_NAMES, self.accounts.first_name[rows, member])

    def last_name(self, rows: np.ndarray, member: np.ndarray) -> pa.Array:
        """Family names."""
        return chosen(LAST_NAMES, self.accounts.last_name[rows, member])

    def title(self, rows: np.ndarray, member: np.ndarray) -> pa.Array:
        """Job titles, by the person's role in the buying group."""
        return chosen(_TITLE_LIST, self.accounts.role[rows, member] * 3 + self.accounts.title[rows, member])

    def role(self, rows: np.ndarray, member: np.ndarray) -> pa.Array:
        """Roles in the buying group."""
        return chosen(ROLES, self.accounts.role[rows, member])

    def email(self, rows: np.ndarray, member: np.ndarray) -> pa.Array:
        """Addresses at the account's domain, or at a free provider; unique to the person."""
        local = joined(
            pc.utf8_lower(self.first_name(rows, member)), ".", pc.utf8_lower(self.last_name(rows, member)), member
        )
        own = joined(local, "@", self.domain(rows))
        if not self._free_mail:
            return own
        free = chosen(_FREE_MAIL, self.accounts.name_parts[rows, 2] % len(_FREE_MAIL))
        private = joined(local, ".", self.accounts.number[rows], "@", free)
        return where(self.accounts.uses_free_mail[rows, member], private, own)

    def visitor(self, rows: np.ndarray, member: np.ndarray, device: np.ndarray) -> pa.Array:
        """The analytics cookie of a person's device."""
        return joined("v", self.person(rows, member) * 2 + device + 10**9)
