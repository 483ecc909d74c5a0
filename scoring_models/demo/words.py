"""The words that the demo company's market is made of. All invented or everyday; nobody in it is real."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Land:
    """A country with names that occur there. `hours` is its distance from UTC."""

    code: str
    weight: int
    hours: int
    first: tuple[str, ...]
    last: tuple[str, ...]
    cities: tuple[str, ...]
    trades: tuple[str, ...]  # what follows a family name in a company's name


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


_ENGLISH_FIRST = _words(
    "Olivia Owen Grace Harry Amelia Callum Ruth Isaac Megan Theo Nadia Elliot Hannah Marcus Leah Simon Tessa "
    "Gareth Priya Imran Zoe Adam Fiona Kwame Alice Dylan Maya Victor Joanna Reece"
)
_ENGLISH_LAST = _words(
    "Hughes Whitcombe Okafor Marlow Penrose Hartley Ashdown Carrow Merrick Thackeray Lowther Bexley Osei "
    "Kirkby Ramsden Farrow Holloway Ingram Pryce Sutcliffe Tennant Wexford Yardley Langton Mbeki Dunmore"
)
_ENGLISH_TRADES = _words(
    "Logistics Foods Systems Group Freight Engineering Energy Health Media Retail Partners"
)

LANDS = (
    Land(
        "DE", 16, 1,
        _words("Maren Jonas Lena Felix Katrin Moritz Anke Tobias Svenja Henrik Jule Matthias Clara Nils "
               "Birgit Emre Paula Stefan Leonie Ulrich Aylin Gregor"),
        _words("Vogel Brandt Lindner Kessler Hartwig Reinholdt Demir Osterkamp Falkner Wiegand Petersen "
               "Sommer Ahlers Tiedemann Krause Niebuhr Rasche Dornbusch Yilmaz Feldmann"),
        _words("Hamburg München Köln Leipzig Stuttgart Bremen Berlin Dortmund"),
        _words("Logistik Maschinenbau Technik Systeme Energie Pharma Handel Medien Bau Feinkost"),
    ),
    Land(
        "AT", 4, 1,
        _words("Johanna Lukas Magdalena Florian Theresa Dominik Eva Raphael Verena Christoph"),
        _words("Gruber Moosbacher Eberl Haslinger Pichler Reisinger Wallner Zehetner Aigner"),
        _words("Wien Graz Linz Salzburg"), _words("Logistik Technik Energie Handel Holzbau"),
    ),
    Land(
        "CH", 4, 1,
        _words("Noemi Reto Sandra Beat Corinne Urs Livia Pascal Martina Andri"),
        _words("Zürcher Aebischer Caduff Bänziger Rochat Stucki Tschudi Wyler Meuli"),
        _words("Zürich Basel Bern Genf"), _words("Präzision Systeme Pharma Logistik Finanz"),
    ),
    Land(
        "NO", 4, 1,
        _words("Ingrid Magnus Solveig Eirik Astrid Sindre Marit Håkon Silje Torbjørn"),
        _words("Solheim Bakken Nordli Fjeldstad Rønning Haugland Myhre Tveit Aasen"),
        _words("Oslo Bergen Trondheim Stavanger"), _words("Energi Shipping Sjømat Teknikk Kraft"),
    ),
    Land(
        "SE", 6, 1,
        _words("Elin Axel Saga Viktor Maja Oskar Linnea Gustav Ebba Mattias Freja Anton"),
        _words("Bergström Lindqvist Sandell Nyholm Ekdahl Hallgren Stenmark Ahlström Wikander Sjöberg"),
        _words("Stockholm Göteborg Malmö Uppsala"), _words("Logistik Industri Teknik Energi Handel"),
    ),
    Land(
        "DK", 3, 1,
        _words("Freja Mikkel Sofie Rasmus Signe Emil Karoline Jeppe Astrid"),
        _words("Mortensen Kjær Bendtsen Holmgaard Ravn Thorup Vestergaard Lund"),
        _words("København Aarhus Odense"), _words("Shipping Teknik Foods Energi"),
    ),
    Land(
        "NL", 6, 1,
        _words("Sanne Daan Femke Bram Lotte Joris Anouk Thijs Marieke Ruben Esmee"),
        _words("de_Wit van_Leeuwen Bakker Hoekstra Dijkman Terpstra Vermeulen Brouwer van_Houten Postma"),
        _words("Rotterdam Utrecht Amsterdam Eindhoven"), _words("Logistics Techniek Foods Transport Agro"),
    ),
    Land(
        "FR", 7, 1,
        _words("Camille Antoine Élodie Julien Manon Baptiste Claire Thibault Inès Romain Sylvie Mehdi"),
        _words("Moreau Delacourt Garnier Rousselot Lefèvre Benali Chauvin Marchetti Perrault Fontenay Aubry"),
        _words("Lyon Paris Nantes Lille Bordeaux"), _words("Industries Logistique Énergie Santé"),
    ),
    Land(
        "ES", 5, 1,
        _words("Lucía Álvaro Carmen Iker Marta Javier Nuria Sergio Alba Rubén"),
        _words("Prado Salcedo Ibarra Quintana Olmedo Ferrer Valverde Montero Arrieta"),
        _words("Madrid Valencia Bilbao Sevilla"), _words("Logística Alimentos Energía Industrias Salud"),
    ),
    Land(
        "IT", 5, 1,
        _words("Giulia Matteo Chiara Lorenzo Elena Davide Sara Federico Paola Nicolò"),
        _words("Bellandi Fontanella Moretti Galvani Sartori Rinaldi Carraro Benedetti Zanella"),
        _words("Milano Torino Bologna Verona"), _words("Meccanica Logistica Energia Alimentari Moda"),
    ),
    Land(
        "PL", 5, 1,
        _words("Zofia Tomasz Kinga Marek Agnieszka Paweł Ewa Krzysztof Natalia Bartosz"),
        _words("Zieliński Wrona Kowalczyk Malinowski Sikora Dudek Jaworska Pawlak Nowicka"),
        _words("Poznań Kraków Gdańsk Wrocław"), _words("Logistyka Transport Technika Energia Meble"),
    ),
    Land(
        "GB", 14, 0, _ENGLISH_FIRST, _ENGLISH_LAST,
        _words("Manchester London Leeds Bristol Glasgow Cardiff Birmingham"), _ENGLISH_TRADES,
    ),
    Land(
        "IE", 3, 0,
        _words("Aoife Cian Niamh Eoin Saoirse Declan Orla Ronan"),
        _words("Brannigan Keaveney Doyle Tierney Mulcahy Farrelly Kinsella"),
        _words("Dublin Cork Galway"), _ENGLISH_TRADES,
    ),
    Land(
        "US", 18, -5,
        (*_ENGLISH_FIRST, *_words("Mateo Brooke Tyrone Savannah Wei Aaliyah Cody Renata Dmitri Jasmine")),
        (*_ENGLISH_LAST, *_words("Ramirez Nguyen Kowalski Delgado Zhang Sandoval Petrov Castellano")),
        _words("Chicago Atlanta Denver Columbus Austin Boston Memphis Seattle"), _ENGLISH_TRADES,
    ),
    Land(
        "CA", 5, -5,
        (*_ENGLISH_FIRST[:12], *_words("Mathieu Chloé Gurpreet Anjali")),
        (*_ENGLISH_LAST[:10], *_words("Tremblay Gagnon Sandhu Fraser")),
        _words("Toronto Montréal Calgary Vancouver"), _ENGLISH_TRADES,
    ),
    Land(
        "BR", 4, -3,
        _words("Beatriz Thiago Larissa Rafael Camila Gustavo Fernanda Caio"),
        _words("Azevedo Carvalho Monteiro Figueira Barros Teixeira Pacheco"),
        ("São Paulo", "Curitiba", "Recife"), _words("Logística Alimentos Energia Indústria"),
    ),
    Land(
        "IN", 5, 5,
        _words("Priya Arjun Ananya Rohan Kavya Vikram Meera Sanjay Divya Nikhil"),
        _words("Raman Deshpande Iyer Kulkarni Mehrotra Bhatt Nair Chaudhary"),
        _words("Pune Bengaluru Chennai Mumbai"), _words("Logistics Systems Pharma Textiles Engineering"),
    ),
    Land(
        "SG", 3, 8,
        _words("Wei_Ling Jun_Hao Mei_Xin Farah Kai_Wen Daniel Siti Marcus"),
        _words("Tan Lim Ong Rahman Chua Goh Teo"), ("Singapore",), _words("Logistics Marine Robotics"),
    ),
)  # fmt: skip

# A coined company name is a beginning and an end.
BEGINNINGS = _words(
    "Finch Cel Hansh Nor Ald Brav Corr Dun Elm Fenn Gar Hol Ist Jun Kest Lor Mar Nev Orl Pent Quill Rav Sol "
    "Tav Ulv Ves Wren Yar Zeph Amb Bir Cald Dray Eld Fal"
)
ENDINGS = _words(
    "line arium ora well mark tech ware field ford ion era works hub grid stack path wise leaf forge port "
    "bridge ium exa ent"
)
SECOND = _words(
    "Labs Logistics Foods Robotics Systems Health Energy Group Software Analytics Supply Packaging"
)

# What a company sells, with how many of a hundred sell it; our own customers are in the first four.
INDUSTRIES = (
    ("Logistics", 14), ("Manufacturing", 16), ("Software", 13), ("Energy", 8), ("Retail", 12),
    ("Healthcare", 9), ("Food and drink", 8), ("Financial services", 6), ("Construction", 5), ("Media", 4),
    ("Professional services", 3), ("Education", 2),
)  # fmt: skip
TARGET_INDUSTRIES = ("Logistics", "Manufacturing", "Software", "Energy")

SIZES = (("1-10", 8), ("11-50", 20), ("51-200", 26), ("201-500", 19), ("501-1,000", 12), ("1,001-5,000", 10),
         ("5,001-10,000", 5))  # fmt: skip
TARGET_SIZES = ("201-500", "501-1,000", "1,001-5,000")

COMPETITORS = ("Corvelle", "Plantrix", "Stockwise")

# Title, its part of the leads, whether its holder decides, may at least speak, or has no say.
AREAS = (
    "Operations",
    "Supply Chain",
    "Logistics",
    "Engineering",
    "IT",
    "Procurement",
    "Finance",
    "Sales",
    "Marketing",
)
RANKS = (
    ("Chief {} Officer", "C-level", 4), ("VP {}", "VP", 6), ("Director of {}", "Director", 9),
    ("Head of {}", "Head", 10), ("Senior {} Manager", "Manager", 14), ("{} Manager", "Manager", 18),
    ("{} Lead", "Lead", 9), ("{} Specialist", "Specialist", 12), ("{} Analyst", "Specialist", 9),
    ("{} Assistant", "Assistant", 5), ("{} Intern", "Intern", 2), ("{} Trainee", "Trainee", 2),
)  # fmt: skip
TARGET_TITLES = ("VP", "Head", "Director", "Chief")
TITLES_WITHOUT_A_SAY = ("Assistant", "Intern", "Trainee", "Student")

SOURCES = (
    ("LinkedIn", 46),
    ("Website", 22),
    ("Webinar", 12),
    ("Trade fair", 8),
    ("Referral", 7),
    ("Newsletter", 5),
)
CAMPAIGNS = ("Spring benchmark", "Planning without spreadsheets", "Warehouse summit", "Peak season guide")

COMMENTS = (
    ("How do you handle returns?", True), ("Does this work with two warehouses?", True),
    ("We had exactly this problem last peak season.", False),
    ("Interesting numbers, thanks for sharing.", False),
    ("How long did the roll-out take?", True), ("We tried spreadsheets for three years. Never again.", False),
    ("Is there a version for smaller teams?", True), ("Sent this to our planning team.", False),
    ("What does it cost for 50 users?", True), ("The part about lead times is spot on.", False),
)  # fmt: skip
MESSAGES = (
    "We are looking for a planning tool this quarter. Can we talk?",
    "Could you show us the forecasting part?",
    "Our contract with the current vendor ends soon.", "Who should I speak to about pricing?",
)  # fmt: skip
CONTENT = (
    "Guide: planning for peak season", "Benchmark: stock levels in 200 companies",
    "Checklist: choosing a planner",
    "Case: 30% less safety stock", "Post: five forecasts that went wrong",
)  # fmt: skip
WEBINARS = ("Forecasting with little data", "Planning for two warehouses", "From spreadsheet to plan")
PAGES = ("/", "/product", "/product/forecasting", "/customers", "/blog/safety-stock", "/integrations")
