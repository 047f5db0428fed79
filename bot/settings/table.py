"""What every table of the configuration has in common, and its keys as the file spells them."""

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo


class Table(BaseModel):
    """One table of the file: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def fields_of(table: type[Table]) -> dict[str, FieldInfo]:
    """The fields by their keys in the file: a key such as `from` cannot be the name of an attribute."""
    return {field.alias or name: field for name, field in table.model_fields.items()}
