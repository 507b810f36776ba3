"""Words that do not identify anyone. All are folded: lower case, no accents."""

from collections.abc import Mapping

from contracts.scan import word_set

GENERAL = word_set("""
    group groupe gruppe grupo holding holdings international france francais francaise europe european worldwide global
    uk usa us deutschland belgium belgique suisse schweiz the le la les
""")
"""May be left out at either end of a firm's name."""

PARTICLES = word_set("""
    de du des d l la le les of the and et und von van der den di da del y e al el bin ben
""")
"""Words that join the parts of a name."""

TITLES = word_set("""
    m mr mme mmes mlle mrs ms miss mx dr pr prof madame monsieur mademoiselle maitre me herr frau sir lady lord docteur
    doctor professeur professor president presidente directeur directrice ceo cfo coo cto pdg dg dga drh daf dsi
    fondateur fondatrice founder chairman chairwoman colonel general capitaine senor senora signor signora
""")
"""Titles and posts before a person's name."""

FUNCTION = word_set("""
    a all any as at au aux avec be bien but by can car ce ces cet chez comme d dans de des do donc du elle elles en est
    et eu fait for from go he her his i if il ils in is it its je l la le les leur lui ma mais me mes mon my n ne new ni
    no nos not notre nous now of on one or ou our out par pas plus pour qu que qui s sa se see ses si so son sont sur ta
    te the they to ton top tous tout tu two un une up us via vie vos votre vous we with y you your
""")
"""Too frequent to count as a name unless in capitals."""

_BUSINESS = word_set("""
    academy accompagnement achat achats action actions activities affaires agence agences agency agricole agriculture
    air airlines alimentaire alliance alpha analytics animation apps architecture art arts asset assets assistance
    associates association associations associes assurance assurances atelier ateliers audit auto automobile automotive
    avenir avocats bank banking banque banques beaute beauty beta beverages bien bikes biotech blanc bleu boissons book
    books boutique brand brands brasserie build building buildings bureau business cabinet cafe caisse capital care cars
    cash cent center central centrale centre centres chaine chance chantier chantiers charity chemicals chimie cinema
    city claims class clean client clients clinic clinique cloud club coaching code collectif college comite commerce
    commercial communaute communication communications community compagnie companies company compta comptable concept
    conception conseil conseils construction consult consultants consulting consumer contact content control cooperative
    corporate cosmetics cosmetique couleur cours creation creative credit culture customer cycle dame data defense
    delivery delta demain departement design development developpement digital digitale direct direction distribution
    docteur domaine domaines drinks drive durable east ecole ecoles economie economique edition editions education
    electric electricite electrique electronics emploi energie energies energy engineering enseigne enterprise
    enterprises entreprise entreprises environment environnement epargne equipe equipement equipements equipment espace
    etat etudes euro europe european euros evenement event events experience expert expertise experts export express
    fabrique factory famille farm fashion federation femme femmes ferme filiale finance finances financial financier
    financiere first fleet fleur fleurs fond fondation fonds food foods force formation formations foundation francais
    francaise france fresh fruit fruits futur future galerie galeries games garage garden general generale generales
    generation gestion global good grand grande grands green group groupe groupement habitat handicap health help high
    holding holdings home homme hommes hopital hospital hotel hotels house humain human idees image images immobilier
    immobiliere impact import industrie industriel industrielle industries industry information informatique
    infrastructure ingenierie initiative innovation innovations insight insights institut institute insurance
    intelligence interactive interim interior international internet invest investment investments jardin jardins jeune
    jeunes jeux job jobs jour journal juridique juste justice lab laboratoire laboratoires laboratories labs land leader
    leaders learning legal liberte library life ligne liquide literie living local location logement logiciel logistics
    logistique loisirs luxe machine machines magasin magasins maintenance mairie maison maisons makers management
    manager marche marches marine market marketing marketplace marque marques materials matin medecine media medias
    medical medicine mer messagerie metal metaux metro mieux mines mobile mobilite mobility mode modern moderne monde
    motors musee museum music musique mutual mutuelle mutuelles nation national nationale natural nature naturel network
    networks news noir nord north nouveau nouvelle nova numerique objets office offices offshore omega online opera
    operations optique organisation organization origin ouest outdoor packaging pain palais papier parc paris park
    partenaires partner partners patrimoine pays people performance personnel petroleum pharma pharmacie pharmacy phone
    photo plan planet plastic plastics plateforme platform plus point pole populaire port porte poste power premier
    premium press presse prestige prevention production productions products produits professional professionnel progres
    project projects projet projets promotion property protection public publication publications publicite publique
    publishing qualite quality radio rail recherche recruitment recrutement region regional regionale renewable
    renouvelables reseau reseaux resources ressources restaurant restaurants restauration retail retraite risk robotics
    rouge route routes royal royale saint sainte sales salon sanitaire sante savings savoir school schools science
    sciences secours securite security senior seniors service services shipping shop shopping silver smart social
    sociale sociaux societe software soin soins solaire solar soleil solidaire solidarite solo solution solutions source
    sources south special sport sports staffing standard star start startup stations store stores strategie strategies
    strategy street studio studios style supply support sustainable system systeme systemes systems talent talents team
    teams tech technique techniques technologie technologies technology telecom telecoms telephone television temps
    terre terres textile theatre tourism tourisme tours toys trade trading traffic training transfer transformation
    transition transport transports travail travaux travel trust union unis united universal universe universel
    universite university urban usine utilities valeur valeurs valley value vehicules vent ventures vert verte video vie
    village ville villes vins vision voyage voyages voyageurs wash waste watch water waters wealth web well wellness
    west wind wine wines women wood work working works world yachts young zone
""")
ACRONYMS = word_set("""
    ai api ar b2b b2c bi bim ceo cfo cms coo crm csr css cto daf drh dsi erp esg eti eu faq gdpr hr html ia iot iso it
    chu chr chru ch ehpad esat cci cpam caf mjc ong hlm ufr iut bts msc llm
    kpi mba nft pdf pdg pme ppt qr rgpd rh roi rpa rse saas sea seo sql tpe ue ui uk usa ux vr
""")
GENERIC = _BUSINESS | ACRONYMS
"""Business words in company names and acronyms found in any brief: none of them identifies anyone on its own."""


_FRENCH = "deux trois quatre cinq six sept huit neuf dix onze douze"
_ENGLISH = "two three four five six seven eight nine ten eleven twelve"
NUMBERS: Mapping[str, tuple[str, ...]] = {
    **{str(k): pair for k, pair in enumerate(zip(_FRENCH.split(), _ENGLISH.split(), strict=True), start=2)},
    **{word: (str(k),) for words in (_FRENCH, _ENGLISH) for k, word in enumerate(words.split(), start=2)},
}
"""Small numbers as figures and as words, each with what may be written in its place."""
