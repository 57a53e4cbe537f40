"""La mémoire d’un contexte, entière ou comprimée."""

couches, tetes, contenu = 61, 128, 128
position, rang_cle_valeur = 64, 512
contexte = 131_072  # jetons
octets = 2  # par nombre, en BF16

# Par jeton : une clé et une valeur pour chaque tête,
# ou une seule forme comprimée et sa position.
entiere = 2 * tetes * contenu * couches
latente = (rang_cle_valeur + position) * couches


def francais(nombre: float) -> str:
    """Écrit un nombre à une décimale, à la française."""
    texte = f"{nombre:,.1f}".replace(",", " ")
    return texte.replace(".", ",")


formes = {"entière": entiere, "latente": latente}
for nom, nombres in formes.items():
    jeton = nombres * octets
    ko = francais(jeton / 1e3)
    print(f"attention {nom}")
    print(f"  nombres par jeton  {nombres:9}")
    print(f"  par jeton          {ko:>9} ko")
    tout = francais(jeton * contexte / 1e9)
    print(f"  contexte entier    {tout:>9} Go")
rapport = francais(entiere / latente)
print(f"rapport              {rapport:>9}")
