"""Customers and suppliers: invented names, real habits.

``terms`` are the days agreed; ``late`` how many days after them the partner usually pays (negative: before);
``spread`` how far it strays from that; ``weight`` its share of the business.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Partner:
    """A business partner of one company."""

    key: str
    name: str
    street: str
    zip: str
    city: str
    country: str
    vat: str
    region: str
    """domestic, eu, export, or group for the other company."""
    currency: str
    terms: int
    late: int
    spread: int
    weight: int
    supplies: str = ""
    """What a supplier is bought from for; empty for customers."""
    discount: bool = False
    """Whether it takes the cash discount."""


def _partners(prefix: str, table: str) -> list[Partner]:
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [_partner(f"{prefix}{number:03d}", row) for number, row in enumerate(rows, start=1)]


def _partner(key: str, row: list[str]) -> Partner:
    name, street, place, country, currency, numbers, extra = row
    postcode, city = place.split(",", 1)
    terms, late, spread, weight = (int(number) for number in numbers.split())
    home = "GB" if key.startswith("H") else "DE"
    return Partner(
        key, name, street, postcode.strip(), city.strip(), country, _vat(country, key),
        _region(country, home), currency, terms, late, spread, weight,
        supplies="" if extra == "discount" else extra, discount=extra == "discount",
    )  # fmt: skip


_EU = ("AT", "BE", "CZ", "DK", "FI", "FR", "IT", "NL", "PL", "SE")


def _region(country: str, home: str) -> str:
    if country == home:
        return "domestic"
    return "eu" if country in _EU and home == "DE" else "export"


def _vat(country: str, key: str) -> str:
    return f"{country}{sum(ord(c) * 7919**i for i, c in enumerate(key)) % 900_000_000 + 100_000_000}"


NORDLICHT_CUSTOMERS = _partners("NC", """
Kattwyk Fördertechnik GmbH | Hohe-Schaar-Straße 41 | 21107, Hamburg | DE | EUR | 30 6 7 95 |
Sörens & Thode Anlagenbau KG | Am Kiel-Kanal 7 | 24106, Kiel | DE | EUR | 30 2 4 80 | discount
Weserbogen Verpackung GmbH | Industriestraße 118 | 32425, Minden | DE | EUR | 30 9 8 74 |
Heidekamp Landtechnik GmbH & Co. KG | Celler Chaussee 12 | 29320, Südheide | DE | EUR | 45 12 11 66 |
Brockmann-Reuss Automation GmbH | Lange Lage 3 | 30559, Hannover | DE | EUR | 30 -2 4 62 | discount
Altländer Kühlhaus AG | Obstmarschenweg 280 | 21640, Nottensdorf | DE | EUR | 30 7 6 58 |
Fehnland Blechtechnik GmbH | Papenburger Straße 55 | 26871, Aschendorf | DE | EUR | 30 16 12 52 |
Mühlgraben Papierwerke GmbH | Uferstraße 9 | 37154, Northeim | DE | EUR | 45 5 7 50 |
Spreewinkel Getränke GmbH | Brauereiweg 2 | 15517, Fürstenwalde | DE | EUR | 30 11 8 46 |
Harzblick Holzwerke GmbH | Sägemühle 14 | 38855, Wernigerode | DE | EUR | 30 21 16 42 |
Rügenwall Feinkost GmbH | Hafenstraße 21 | 18546, Sassnitz | DE | EUR | 30 4 5 40 |
Ostfalen Guss GmbH | Gießereistraße 1 | 38226, Salzgitter | DE | EUR | 45 18 13 38 |
Trave Logistikzentrum GmbH | Herrenwyk 60 | 23569, Lübeck | DE | EUR | 30 3 4 36 | discount
Delmeholz Möbelwerke KG | Bremer Straße 204 | 27749, Delmenhorst | DE | EUR | 30 26 19 34 |
Bergisch Federn GmbH | Talsperrenweg 8 | 42477, Radevormwald | DE | EUR | 30 8 7 33 |
Lausitzer Glaskontor GmbH | Kraftwerkstraße 17 | 03130, Spremberg | DE | EUR | 30 10 9 30 |
Saaletal Pharma Technik GmbH | Kirschallee 5 | 07768, Kahla | DE | EUR | 45 1 3 30 |
Nordmark Siloanlagen GmbH | Speicherweg 33 | 25813, Husum | DE | EUR | 30 14 10 28 |
Emsquell Molkerei eG | Milchstraße 4 | 48431, Rheine | DE | EUR | 30 0 3 27 | discount
Chiemgau Präzision GmbH | Almstraße 19 | 83278, Traunstein | DE | EUR | 30 7 6 25 |
Rheinaue Recycling GmbH | Schrottinsel 2 | 47119, Duisburg | DE | EUR | 30 30 22 24 |
Filstal Werkzeugbau GmbH | Stauferring 40 | 73033, Göppingen | DE | EUR | 30 4 4 22 |
Vogtland Textilmaschinen GmbH | Spulenweg 11 | 08523, Plauen | DE | EUR | 45 13 9 20 |
Jadebusen Offshore Service GmbH | Kaje 5 | 26382, Wilhelmshaven | DE | EUR | 30 11 8 19 |
Kraichgau Saatzucht GmbH | Ackerweg 8 | 74889, Sinsheim | DE | EUR | 30 3 4 16 |
Werkstatt Brandis & Sohn OHG | Kornhausgasse 3 | 04821, Brandis | DE | EUR | 14 20 16 10 |
Stadtwerke Oderfurt GmbH | Wasserturmplatz 1 | 15230, Frankfurt (Oder) | DE | EUR | 30 2 3 14 |
Autohof Lüneheide GmbH | Raststraße 99 | 21391, Reppenstedt | DE | EUR | 14 23 17 9 |
Vindrup Mejeri A/S | Havnegade 16 | 7830, Vinderup | DK | EUR | 30 3 4 44 |
Sundby Emballage ApS | Industrivej 9 | 4800, Nykøbing | DK | EUR | 30 8 7 30 |
Maatwerk Van Rhoon B.V. | Dijkweg 70 | 3161, Rhoon | NL | EUR | 30 5 6 52 |
Scheldemond Tuinbouw B.V. | Kassenlaan 3 | 4431, 's-Gravenpolder | NL | EUR | 30 9 8 28 |
Ardennes Mécanique SA | Rue du Laminoir 12 | 4800, Verviers | BE | EUR | 45 11 11 33 |
Laiterie du Val Clair SAS | Route de Melun 45 | 77000, Vaux-le-Pénil | FR | EUR | 45 15 12 38 |
Officine Torrebruna S.r.l. | Via dei Telai 20 | 25030, Castrezzato | IT | EUR | 45 23 15 36 |
Strojírna Horní Lipka s.r.o. | Tovární 88 | 56169, Králíky | CZ | EUR | 30 7 7 26 |
Zakład Maszyn Brzezina Sp. z o.o. | ul. Fabryczna 31 | 46-100, Namysłów | PL | EUR | 30 14 10 29 |
Tirolberg Seilbahntechnik GmbH | Gewerbepark 6 | 6170, Zirl | AT | EUR | 30 2 4 31 |
Norrvik Sågverk AB | Hamnvägen 2 | 95261, Kalix | SE | EUR | 30 6 6 27 |
Fennomet Konepaja Oy | Telakkatie 14 | 26100, Rauma | FI | EUR | 30 4 4 18 |
Greyfriars Packaging Ltd | 14 Kiln Lane | HU9 1NG, Hull | GB | GBP | 30 9 8 46 |
Tamar Valley Creameries Ltd | Station Yard | PL19 8AA, Tavistock | GB | GBP | 30 12 9 34 |
Pennine Aggregates Ltd | Quarry Road | OL14 7HX, Todmorden | GB | GBP | 45 18 13 26 |
Orrin Distillers Ltd | Bonded House, Shore St | IV7 8LB, Conon Bridge | GB | GBP | 30 2 4 22 |
Aareboden Maschinen AG | Fabrikstrasse 5 | 4552, Derendingen | CH | EUR | 30 3 4 40 |
Fjellheim Prosess AS | Kaiveien 18 | 3241, Sandefjord | NO | EUR | 30 7 6 24 |
""")  # fmt: skip

NORDLICHT_SUPPLIERS = _partners("NS", """
Stahlkontor Unterelbe GmbH | Moorfleeter Deich 300 | 22113, Hamburg | DE | EUR | 45 6 4 90 | materials
Lindhorst Antriebe GmbH | Getriebeallee 4 | 31698, Lindhorst | DE | EUR | 45 4 4 70 | materials
Guss & Form Peine GmbH | Hüttenweg 22 | 31226, Peine | DE | EUR | 45 8 5 60 | materials
Elbtal Steuerungstechnik GmbH | Messering 15 | 01067, Dresden | DE | EUR | 45 3 4 55 | materials
Hydraulik Ahrensfelde GmbH | Pumpenstraße 6 | 16356, Ahrensfelde | DE | EUR | 60 5 4 45 | materials
Norddeutsche Schraubenhandlung KG | Billhorner Kai 8 | 20539, Hamburg | DE | EUR | 30 5 4 25 | materials
Lackwerk Sonneberg GmbH | Farbmühle 2 | 96515, Sonneberg | DE | EUR | 30 7 4 16 | materials
Kabel- und Schaltschrankbau Rieck | Kupferweg 19 | 21502, Geesthacht | DE | EUR | 30 9 5 28 | materials
Acciaierie Valgrana S.p.A. | Via Forni 1 | 24060, Costa Volpino | IT | EUR | 60 4 4 42 | materials
Lager & Linear Olomouc s.r.o. | Valivá 10 | 77900, Olomouc | CZ | EUR | 45 2 3 34 | materials
Ersatzteilzentrale Bardowick GmbH | Bahnhofstraße 61 | 21357, Bardowick | DE | EUR | 30 6 4 48 | goods
Dichtungstechnik Eckernförde GmbH | Lornsenplatz 3 | 24340, Eckernförde | DE | EUR | 45 5 4 30 | goods
Filterwerk Nijverdal B.V. | Textielstraat 44 | 7443, Nijverdal | NL | EUR | 45 4 4 26 | goods
Lohnfertigung Wilstermarsch GmbH | Deichreihe 12 | 25554, Wilster | DE | EUR | 30 8 5 30 | subcontract
Härterei Bad Bevensen GmbH | Ofenweg 2 | 29549, Bad Bevensen | DE | EUR | 30 5 4 18 | subcontract
Spedition Claußen & Lüth GmbH | Terminalring 88 | 22525, Hamburg | DE | EUR | 14 9 5 30 | freight
Ostseetrans Logistik GmbH | Seelandkai 1 | 18147, Rostock | DE | EUR | 14 7 4 22 | freight
Grundbesitz Allermöhe GmbH & Co. KG | Rungedamm 37 | 21035, Hamburg | DE | EUR | 3 0 0 10 | rent
Energieversorgung Bille GmbH | Am Kraftwerk 5 | 21033, Hamburg | DE | EUR | 14 2 2 10 | energy
Blitzblank Gebäudedienste GmbH | Süderstraße 190 | 20537, Hamburg | DE | EUR | 14 9 5 10 | cleaning
Hanse Assekuranz Kontor GmbH | Trostbrücke 8 | 20457, Hamburg | DE | EUR | 14 3 3 10 | insurance
Maschinenservice Schwarzenbek GmbH | Werkhof 7 | 21493, Schwarzenbek | DE | EUR | 30 6 4 12 | maintenance
Kran- und Tortechnik Reinbek GmbH | Glinder Weg 9 | 21465, Reinbek | DE | EUR | 30 8 5 8 | maintenance
Fuhrpark Leasing Alster GmbH | Wandsbeker Zoll 77 | 22041, Hamburg | DE | EUR | 10 0 1 10 | vehicles
Messebau Kranich GmbH | Hallenstraße 14 | 30521, Hannover | DE | EUR | 30 5 4 10 | marketing
Agentur Windrichtung GmbH | Große Elbstraße 132 | 22767, Hamburg | DE | EUR | 30 10 6 9 | marketing
Reisebüro Landungsbrücke GmbH | Vorsetzen 20 | 20459, Hamburg | DE | EUR | 14 4 3 10 | travel
Telenord Netze GmbH | Glasfaserweg 1 | 24143, Kiel | DE | EUR | 14 1 2 10 | telecom
Büro Kontor Hammerbrook GmbH | Nagelsweg 51 | 20097, Hamburg | DE | EUR | 14 8 5 10 | office
Fachbuch Lüdemann KG | Mönckedamm 3 | 20095, Hamburg | DE | EUR | 14 6 4 6 | literature
Kanzlei Brüggen Hartwig PartGmbB | Neuer Wall 91 | 20354, Hamburg | DE | EUR | 14 12 6 10 | legal
Revisio Nord Wirtschaftsprüfung GmbH | Ballindamm 17 | 20095, Hamburg | DE | EUR | 14 10 5 10 | audit
Datenhafen Systemhaus GmbH | Kehrwieder 6 | 20457, Hamburg | DE | EUR | 14 4 3 12 | it_services
Wolkenwerk Software GmbH | Torstraße 220 | 10115, Berlin | DE | EUR | 10 0 1 10 | it_services
Kurier Sternfahrt GmbH | Ausschläger Weg 60 | 20537, Hamburg | DE | EUR | 14 6 4 10 | postage
Zeitarbeit Elbmarsch GmbH | Bergedorfer Straße 40 | 21033, Hamburg | DE | EUR | 10 5 3 10 | temps
Pressenfabrik Oberkochen-Süd GmbH | Aalener Straße 8 | 73447, Oberkochen | DE | EUR | 30 5 4 10 | assets
""")  # fmt: skip

HARBOUR_CUSTOMERS = _partners("HC", """
Blackwater Marine Services Ltd | 3 Slipway Road | CM9 4LE, Maldon | GB | GBP | 30 8 7 60 |
Clee Hill Joinery Ltd | Unit 8, Dhustone Park | SY8 3PX, Ludlow | GB | GBP | 30 5 6 44 |
Humberside Rigging Co Ltd | 21 Alexandra Dock | DN31 3SW, Grimsby | GB | GBP | 30 13 10 52 |
Dunmore Bakeries Ltd | Mill Street | FK3 8QQ, Grangemouth | GB | GBP | 30 2 4 30 |
Fenland Irrigation Ltd | Drove Road | PE16 6RZ, Chatteris | GB | GBP | 30 10 8 36 |
Arkwright & Sons (Fabrications) Ltd | 77 Foundry Lane | BL3 6AH, Bolton | GB | GBP | 45 7 8 40 |
Solway Timber Frames Ltd | Harbour Road | DG5 4QS, Dalbeattie | GB | GBP | 30 18 14 24 |
Kestrel Facilities plc | 200 Whitefriars | CV1 2TR, Coventry | GB | GBP | 45 4 5 48 |
Menai Slipways Ltd | Beach Road | LL57 1AB, Bangor | GB | GBP | 30 6 6 22 |
Tregarth Quarries Ltd | Delabole Lane | PL33 9AZ, Delabole | GB | GBP | 30 23 17 26 |
Northgate Plant Hire Ltd | 5 Trading Estate | NE11 0HF, Gateshead | GB | GBP | 30 9 8 38 |
Isis Boatyards Ltd | Bridge Street | OX14 3HN, Abingdon | GB | GBP | 30 3 4 18 |
Calder Hydraulics Ltd | 19 Wharf Street | WF13 4AR, Dewsbury | GB | GBP | 30 7 6 28 |
Lomond Leisure Craft Ltd | Pier Road | G83 8RG, Balloch | GB | GBP | 30 14 11 16 |
Ashdown Estate Services Ltd | Home Farm | RH18 5JN, Forest Row | GB | GBP | 14 11 9 14 |
Teesport Stevedores Ltd | Dock Office | TS6 6UD, Middlesbrough | GB | GBP | 45 4 5 34 |
Corrib Agri Supplies Ltd | Headford Road | H91 KX7, Galway | IE | EUR | 30 9 8 30 |
Liffey Dock Engineering Ltd | Alexandra Road | D01 H4C, Dublin | IE | EUR | 30 3 4 26 |
""")  # fmt: skip

HARBOUR_SUPPLIERS = _partners("HS", """
Midland Hand Tools Ltd | 40 Anvil Street | DY2 9HS, Dudley | GB | GBP | 45 6 4 60 | goods
Sheaf Cutting Tools Ltd | Neepsend Lane | S3 8AT, Sheffield | GB | GBP | 45 5 4 50 | goods
Brightside Abrasives Ltd | 12 Weir Head | S9 2TF, Sheffield | GB | GBP | 30 8 5 30 | goods
Thameside Fasteners Ltd | Unit 3, Ferry Lane | RM13 9YH, Rainham | GB | GBP | 30 7 5 24 | goods
Outillage Bressan SARL | Rue de la Forge 9 | 01000, Bourg-en-Bresse | FR | EUR | 45 4 4 28 | goods
Estuary Properties Ltd | Victoria Pier | HU1 2AG, Hull | GB | GBP | 3 0 0 10 | rent
Ridings Power Ltd | Calder House | LS10 1EW, Leeds | GB | GBP | 14 2 2 10 | energy
Haven Insurance Brokers Ltd | 8 Land of Green Ginger | HU1 2EA, Hull | GB | GBP | 14 3 3 10 | insurance
Humber Carriers Ltd | Hedon Road | HU9 5PW, Hull | GB | GBP | 14 9 5 10 | freight
Wolds Vehicle Leasing Ltd | Becklands Park | YO43 3GA, Market Weighton | GB | GBP | 10 0 1 10 | vehicles
Sparrow Cleaning Co | Spring Bank | HU3 1BH, Hull | GB | GBP | 14 8 4 10 | cleaning
Kingfisher IT Support Ltd | The Deep Business Ctr | HU1 4SA, Hull | GB | GBP | 14 5 3 10 | it_services
Wilberforce Telecom Ltd | Alfred Gelder Street | HU1 1XJ, Hull | GB | GBP | 14 1 2 10 | telecom
Barley & Crane Solicitors LLP | Parliament Street | HU1 2AP, Hull | GB | GBP | 30 6 5 10 | legal
Holderness Accountancy LLP | Anlaby Road | HU3 2RW, Hull | GB | GBP | 30 8 5 10 | audit
Signal Post Media Ltd | Humber Street | HU1 1TG, Hull | GB | GBP | 30 7 5 10 | marketing
Paragon Repairs Ltd | Myton Street | HU1 2PS, Hull | GB | GBP | 30 6 5 10 | maintenance
Inkwell Office Supplies Ltd | Princes Avenue | HU5 3QA, Hull | GB | GBP | 14 8 5 10 | office
Ferriby Machine Sales Ltd | Livingstone Road | HU13 0EG, Hessle | GB | GBP | 30 5 4 10 | assets
""")  # fmt: skip
