"""Which values may make a pair by being equal on both sides: one user's own, and no placeholder."""

from __future__ import annotations

import polars as pl

from t2t_mapping.duplicates import repeated

__all__ = ["telling"]

_PLACEHOLDERS = (
    "na none null nil nan nul nothing unknown undefined empty blank missing pending tbd tba tbc todo test dummy temp "
    "temporary default sample example external extern contractor guest new notset unset notavailable notapplicable "
    "notassigned notknown noid nomail noemail noreply donotreply div0 ref value name num "
    "keine kein keiner leer unbekannt fehlt entfällt entfallt nv ka aucun aucune inconnu inconnue vide ninguno ninguna "
    "desconocido desconocida vacío vacio sindatos nenhum nenhuma desconhecido vazio semdados nessuno nessuna sconosciuto "
    "vuoto geen onbekend leeg nvt ingen ukendt ukjent okänd okand saknas mangler tom ei eiole puuttuu tuntematon brak "
    "nieznany nieznane neznámý neznamy neznámé žádný zadny žádné nincs ismeretlen yok bilinmiyor niciunul necunoscut "
    "нет неизвестно неизвестен отсутствует немає невідомо няма άγνωστο κανένα 無 无 なし 不明 未知 未設定 未设置 該当なし 暂无 "
    "없음 미정 모름 ללא אין غيرمعروف لايوجد ไม่มี không"
).split()
"""What people and programs write where there is nothing to write; lower case, letters and digits only."""

_ONE_SIGN = "^0*$|^x+$|" + "|".join(f"^{digit}{{3,}}$" for digit in range(1, 10))
"""No letter or digit at all, zeros, or one digit over and over is nobody's number."""


def telling(values: pl.Series) -> pl.Series:
    """The values of one side's users, and null where several carry one, or where it says nothing.

    An address says nothing if what stands before its @ does not.
    """
    some = values.is_not_null()
    if not some.any():
        return values
    own = some & ~repeated(values)
    plain = pl.col("value").str.replace(r"@.*$", "").str.to_lowercase().str.replace_all(r"[^\p{L}\p{M}\p{N}]", "")
    silent = plain.str.contains(_ONE_SIGN) | plain.is_in(_PLACEHOLDERS)
    return values.alias("value").to_frame().select(pl.when(pl.lit(own) & ~silent).then("value"))["value"]
