"""Deux additions : ce que DeepSeek dit avoir payé."""

tarif = 2  # dollars par heure de H800, supposé
v3 = {
    "pré-entraînement": 2_664_000,
    "allongement du contexte": 119_000,
    "post-entraînement": 5_000,
}
r1 = {
    "R1-Zero": 512 * 198,  # puces × heures
    "données d’ajustement": 5_000,
    "R1": 512 * 80,
}
llama = 30_840_000  # heures de H100, pour 405 milliards


def francais(nombre: float, decimales: int = 0) -> str:
    """Écrit un nombre à la française."""
    texte = f"{nombre:,.{decimales}f}"
    return texte.replace(",", " ").replace(".", ",")


for nom, etapes in ("V3", v3), ("R1", r1):
    heures = sum(etapes.values())
    temps = francais(heures)
    prix = francais(tarif * heures)
    print(f"{nom}   {temps:>9} heures   {prix:>9} dollars")

jours = francais(v3["pré-entraînement"] / 2048 / 24)
rapport = francais(llama / sum(v3.values()), 1)
print("pré-entraînement, 2 048 puces :", jours, "jours")
print("Llama 3.1 405B :", rapport, "fois V3")
