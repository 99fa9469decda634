"""Tables of questions and answers, in and out without loss: CSV, Excel, YAML, Rasa NLU, Rhasspy sentences."""

from voice_faq.authoring.tables.draft import Draft, Table
from voice_faq.authoring.tables.files import EXPORT_FORMATS, read_table, write_table

__all__ = ["EXPORT_FORMATS", "Draft", "Table", "read_table", "write_table"]
