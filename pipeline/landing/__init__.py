"""Extract files into raw: contracts, readers, quarantine and the load ledger."""

from pipeline.landing.ingest import ingest
from pipeline.landing.pending import pending
from pipeline.landing.report import IngestReport
from pipeline.landing.tables import ensure_tables

__all__ = ["IngestReport", "ensure_tables", "ingest", "pending"]
