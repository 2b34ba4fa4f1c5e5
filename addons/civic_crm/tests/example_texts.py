"""Made-up letters to a city, to try the classifier on where no real ones may be used: tests and measurements.

People write what is wrong among greetings, places and complaints, without accents, with slips; the words of one service
turn up in letters about another. The letters are made by a seed and belong to nobody.
"""

import random

#: service → what people say of it; each is one way to put it
SAYINGS = {
    "light": (
        "la farola está apagada", "la calle está a oscuras", "no funciona el alumbrado", "hay una bombilla fundida",
        "la luz de la acera parpadea toda la noche", "llevamos una semana sin luz en la calle",
        "el poste de la luz tiene los cables fuera", "the street lamp is out", "it is dark, the light does not work",
    ),
    "road": (
        "hay un bache enorme en la calzada", "el asfalto está levantado", "falta la tapa de la alcantarilla",
        "hay un socavón en la carretera", "se ha hundido la calzada", "he pinchado una rueda en un agujero",
        "there is a deep pothole in the road",
    ),
    "pavement": (
        "las baldosas de la acera están sueltas", "me he caído en la acera", "el bordillo está roto",
        "no se puede pasar con silla de ruedas", "la rampa está destrozada", "loose tiles on the pavement",
    ),
    "container": (
        "el contenedor está lleno desde hace días", "la basura se desborda", "huele fatal el contenedor de orgánica",
        "no han recogido el cartón", "hay bolsas de basura en el suelo", "the rubbish container is full",
    ),
    "cleaning": (
        "la calle está muy sucia", "hay excrementos de perro por todas partes", "nadie barre las hojas",
        "hay cristales rotos en el suelo", "la acera está pegajosa, hay que baldear", "the street is dirty",
    ),
    "bulky": (
        "quiero que recojan un sofá", "tengo una lavadora vieja", "necesito tirar un colchón y un armario",
        "cuándo pasa la recogida de muebles", "quiero deshacerme de una nevera", "please collect an old wardrobe",
    ),
    "tree": (
        "se ha caído una rama", "el árbol está inclinado y puede caer", "hay que podar las palmeras",
        "las raíces levantan el suelo", "una rama cuelga sobre la carretera", "a tree is about to fall",
    ),
    "playground": (
        "el columpio está roto", "el tobogán del parque tiene un borde cortante", "el suelo de caucho está levantado",
        "los juegos infantiles están en mal estado", "the swing is broken",
    ),
    "leak": (
        "sale agua de la calzada", "ha reventado una tubería", "hay una fuga de agua en la acera",
        "la boca de riego pierde agua", "water is coming out of the ground",
    ),
    "noise": (
        "el bar tiene la música altísima de madrugada", "no podemos dormir por el ruido de la terraza",
        "los vecinos hacen fiestas", "la obra empieza a las seis de la mañana", "loud music every night",
    ),
    "parking": (
        "un coche está aparcado en el vado", "hay un vehículo abandonado", "coches en doble fila delante del colegio",
        "una furgoneta ocupa la plaza de minusválidos", "a car blocks my garage",
    ),
    "bus": (
        "el autobús no ha parado", "la marquesina está rota", "el conductor no quiso abrir", "siempre llega tarde la línea 4",
        "the bus never comes on time",
    ),
    "register": (
        "necesito un volante de empadronamiento", "me he mudado y quiero empadronarme", "cómo doy de alta a mi hijo en el padrón",
        "quiero cambiar mi domicilio en el padrón", "I need a certificate of residence",
    ),
    "tax": (
        "me han cobrado dos veces el recibo de la basura", "quiero fraccionar el IBI", "no estoy de acuerdo con la multa",
        "cómo domicilio el impuesto de circulación", "I was charged twice",
    ),
}  # fmt: skip
SPAM = (
    "gane dinero desde casa sin esfuerzo", "haga clic en el enlace https://premios.example para cobrar su premio",
    "mejoramos el SEO de su web y aparecerá primero en Google", "viagra y cialis al mejor precio",
    "ha ganado un iPhone, confirme sus datos bancarios", "préstamos rápidos sin aval, llame ya",
    "we offer backlinks and web traffic", "dear friend, I have an inheritance of 4.500.000 USD", "bitcoin, multiplique su inversión",
)  # fmt: skip
OPENINGS = (
    "Buenos días,", "Hola,", "Buenas tardes.", "Estimados señores:", "A quien corresponda:", "", "", "Hello,",
    "Les escribo porque", "Quería avisar de que", "Otra vez lo mismo:",
)  # fmt: skip
SURROUNDINGS = (
    "en la calle Mayor", "delante de mi casa", "junto al colegio", "en la plaza del Mercado", "al lado del parque",
    "en el paseo marítimo, número 14", "cerca de la parada del autobús", "frente al contenedor", "bajo un árbol",
    "en la esquina con la farola", "en la avenida de la Constitución 23", "desde hace 3 semanas", "desde el lunes",
)  # fmt: skip
ENDINGS = (
    "Ya he llamado tres veces y nadie hace nada.", "Gracias.", "Un saludo.", "Espero su respuesta.", "Es una vergüenza.",
    "Pago mis impuestos y exijo una solución.", "Mi madre tiene 82 años.", "", "", "Adjunto foto.", "Mi teléfono es 600 111 222.",
)  # fmt: skip


def letters(count, seed=0, mixed=0.15):
    """Return *count* ``(text, service)``; in a part *mixed* of them a second matter is mentioned as well."""
    dice = random.Random(seed)
    services = list(SAYINGS)
    # some services are asked for much more often than others
    often = [1 / (1 + place) ** 0.7 for place in range(len(services))]
    return [_letter(dice, service, mixed) for service in dice.choices(services, often, k=count)]


def spam_or_not(count, seed=0):
    """Return *count* ``(text, is_spam)``, a third of them spam."""
    dice = random.Random(seed)
    kept = letters(count, seed)
    return [
        (_write(dice, [dice.choice(OPENINGS), *dice.sample(SPAM, 2), dice.choice(ENDINGS)]), True)
        if dice.random() < 1 / 3
        else (text, False)
        for text, _service in kept
    ]


def _letter(dice, service, mixed):
    parts = [dice.choice(OPENINGS), dice.choice(SAYINGS[service]), dice.choice(SURROUNDINGS) + "."]
    if dice.random() < 0.5:
        parts.append(dice.choice(SAYINGS[service]) + ".")
    if dice.random() < mixed:
        parts.append("Además " + dice.choice(SAYINGS[dice.choice(list(SAYINGS))]) + ".")
    return _write(dice, [*parts, dice.choice(ENDINGS)]), service


def _write(dice, parts):
    text = " ".join(part for part in parts if part)
    if dice.random() < 0.4:
        text = text.translate(str.maketrans("áéíóúüñ", "aeiouun"))
    if dice.random() < 0.1:
        text = text.upper()
    letters = list(text)
    for _slip in range(dice.choice((0, 0, 0, 1, 2, 4))):
        place = dice.randrange(len(letters) - 1)
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)
