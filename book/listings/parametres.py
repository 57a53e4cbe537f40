"""Compter 671 milliards : les poids de DeepSeek-V3."""

# La configuration publiée avec le modèle.
dimension, couches, denses = 7168, 61, 3
vocabulaire, largeur_dense = 129_280, 18_432
tetes, contenu, position, valeur = 128, 128, 64, 128
rang_requete, rang_cle_valeur = 1536, 512
experts, actifs, partages, largeur = 256, 8, 1, 2048

attention = (
    dimension * rang_requete
    + rang_requete * tetes * (contenu + position)
    + dimension * (rang_cle_valeur + position)
    + rang_cle_valeur * tetes * (contenu + valeur)
    + tetes * valeur * dimension
)
expert = 3 * dimension * largeur
dense = 3 * dimension * largeur_dense
aiguilleur = dimension * experts

# Ce qui travaille toujours, puis ce que l’on appelle.
fixe = couches * attention + denses * dense
fixe += 2 * vocabulaire * dimension
par_etage = aiguilleur + partages * expert
fixe += (couches - denses) * par_etage
total = fixe + (couches - denses) * experts * expert
eveilles = fixe + (couches - denses) * actifs * expert


def milliards(nombre: int) -> str:
    """Écrit un nombre en milliards, à la française."""
    return f"{nombre / 1e9:6.1f}".replace(".", ",")


print("en tout        ", milliards(total), "milliards")
print("pour un jeton  ", milliards(eveilles), "milliards")
part = f"{100 * eveilles / total:6.1f} %"
print("soit           ", part.replace(".", ","))
