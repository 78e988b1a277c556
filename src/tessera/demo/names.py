"""Invented names of people, products, makers and shops; who has which follows from a number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tessera.demo.columns import pick, unit

FIRST_NAMES = [
    "Ada", "Aaron", "Alice", "Amir", "Anna", "Anton", "Ayla", "Ben", "Bea", "Bruno", "Carla", "Cem", "Clara", "Dana", "David",
    "Dilan", "Edda", "Elias", "Ella", "Emil", "Emma", "Enzo", "Eva", "Felix", "Fiona", "Finn", "Frida", "Gina", "Greta",
    "Hana", "Hugo", "Ida", "Ilja", "Ines", "Ivan", "Jana", "Jonas", "Jule", "Kai", "Karim", "Katja", "Kira", "Lara", "Lars",
    "Lea", "Leo", "Lina", "Luca", "Lucy", "Luis", "Maja", "Malik", "Mara", "Marc", "Mateo", "Maya", "Mia", "Mila", "Milan",
    "Mina", "Nadia", "Nele", "Nico", "Nina", "Noah", "Nora", "Ole", "Olga", "Omar", "Oscar", "Paul", "Petra", "Pia", "Quinn",
    "Rafael", "Rania", "Rita", "Robin", "Rosa", "Ruth", "Sam", "Sara", "Selma", "Simon", "Sofia", "Stella", "Tara", "Theo",
    "Tim", "Tom", "Uma", "Vera", "Viktor", "Wanda", "Yara", "Yusuf", "Zoe",
]
LAST_NAMES = [
    "Abel", "Adler", "Ahrens", "Albers", "Anders", "Arnold", "Bailey", "Baker", "Barnes", "Bauer", "Becker", "Bell", "Berger",
    "Bishop", "Blom", "Boyd", "Brandt", "Brooks", "Burke", "Carter", "Castro", "Chapman", "Conrad", "Cooper", "Costa", "Cruz",
    "Dahl", "Dietz", "Dixon", "Doyle", "Ebert", "Ellis", "Engel", "Evans", "Falk", "Farrell", "Fischer", "Fleming", "Foster",
    "Frank", "Garner", "Geiger", "Gibson", "Graf", "Grant", "Haas", "Hahn", "Hansen", "Harper", "Hart", "Heller", "Hoffmann",
    "Hunt", "Ibsen", "Jacobs", "Jansen", "Jensen", "Keller", "Kemper", "Klein", "Knight", "Koch", "Kramer", "Kruse",
    "Lambert", "Lane", "Lang", "Lehmann", "Lind", "Lopez", "Lorenz", "Marsh", "Martens", "Mason", "Meier", "Mercer", "Meyer",
    "Morgan", "Nash", "Neumann", "Nolan", "Nowak", "Ochoa", "Olsen", "Page", "Palmer", "Park", "Peters", "Pohl", "Porter",
    "Quast", "Ramos", "Reed", "Reuter", "Richter", "Rios", "Ritter", "Roth", "Rowe", "Ruiz", "Sander", "Sauer", "Schmitt",
    "Seidel", "Shaw", "Simms", "Sommer", "Stark", "Stein", "Stone", "Thiel", "Torres", "Ullmann", "Vance", "Vargas", "Vogel",
    "Wagner", "Walsh", "Weber", "Wells", "Werner", "West", "Winter", "Wolff", "Young", "Zeller", "Ziegler",
]
MAKERS = ["Arvenholt", "Bellmare", "Corvello", "Duskfield", "Elmquist & Daughters", "Fernhollow", "Grauwind", "Hollowbrook",
          "Isengrund", "Juniper Yard", "Kestrelwerk", "Lumenhof", "Marrowby", "Nordhagen Mill", "Oakline", "Pellworm",
          "Quillstone", "Rotbuche", "Saltmeadow", "Tannquell"]
SHOPS = ["Alder & Finch", "Kanalhaus", "Harbour Lane", "Sieben Linden"]

# Of every category: three grades, and ten things from the cheapest to the dearest.
CATALOGUE = {
    "Shoes": ("Canvas Suede Leather", "Flip-Flops,Slippers,Espadrilles,Ballerinas,Plimsolls,Sneakers,Loafers,Ankle Boots,"
              "Chelsea Boots,Winter Boots"),
    "Shirts": ("Jersey Cotton Linen", "Tank Top,T-Shirt,Long Sleeve,Henley,Polo Shirt,Blouse,Flannel Shirt,Oxford Shirt,"
               "Overshirt,Dress Shirt"),
    "Jackets": ("Fleece Quilted Wool", "Vest,Windbreaker,Bomber Jacket,Denim Jacket,Rain Jacket,Blazer,Field Jacket,"
                "Trench Coat,Down Jacket,Parka"),
    "Bags": ("Canvas Felt Leather", "Pouch,Card Holder,Wallet,Belt Bag,Tote Bag,Shoulder Bag,Backpack,Messenger Bag,"
             "Duffel Bag,Weekender"),
    "Watches": ("Resin Steel Titanium", "Kids' Watch,Clip Watch,Field Watch,Slim Watch,Dress Watch,Square Watch,Pilot Watch,"
                "Diver's Watch,Chronograph,Automatic Watch"),
    "Kitchen": ("Enamel Stoneware Copper", "Spoon,Mug,Bowl,Plate,Jug,Baking Dish,Teapot,Saucepan,Frying Pan,Casserole"),
    "Bedding": ("Cotton Linen Silk", "Sleep Mask,Pillowcase,Fitted Sheet,Cushion,Flat Sheet,Throw,Pillow,Blanket,Duvet Cover,"
                "Duvet"),
    "Lighting": ("Paper Glass Brass", "Night Light,String Lights,Candle Holder,Lampshade,Clip Lamp,Desk Lamp,Table Lamp,"
                 "Wall Lamp,Pendant Lamp,Floor Lamp"),
    "Running": ("Light Warm Trail", "Socks,Headband,Cap,Gloves,Bottle Belt,Shorts,Running Shirt,Tights,Running Vest,"
                "Running Shoes"),
    "Cycling": ("City Gravel Race", "Bell,Bottle,Cap,Gloves,Light Set,Jersey,Bib Shorts,Helmet,Pannier,Cycling Shoes"),
    "Skincare": ("Oat Rose Sea Salt", "Soap,Lip Balm,Hand Cream,Body Lotion,Face Wash,Toner,Bath Oil,Day Cream,Night Cream,"
                 "Serum"),
    "Tea & Coffee": ("House Organic Reserve", "Peppermint Tea,Black Tea,Green Tea,Herbal Tea,Earl Grey,Filter Coffee,"
                     "Espresso,Decaf,Tea Chest,Tasting Set"),
}


def first_names(number: np.ndarray) -> pa.Array:
    """Return the first name of every person."""
    return pick(FIRST_NAMES, _index(number * 2 + 17, FIRST_NAMES))


def last_names(number: np.ndarray) -> pa.Array:
    """Return the last name of every household."""
    return pick(LAST_NAMES, _index(number * 2 + 18, LAST_NAMES))


def product_names(category: str, count: int) -> list[str]:
    """Return the names of a category's products from the cheapest to the dearest, each once."""
    grades, things = CATALOGUE[category]
    # the last grade may be of two words
    made = [f"{grade} {thing}" for thing in things.split(",") for grade in grades.split(" ", 2)]
    return [made[i % len(made)] + (f" {i // len(made) + 1}" if i >= len(made) else "") for i in range(count)]


def shop_name(index: int) -> str:
    """Return the name of a store."""
    return SHOPS[index % len(SHOPS)] + (f" {index // len(SHOPS) + 1}" if index >= len(SHOPS) else "")


def _index(number: np.ndarray, among: list[str]) -> np.ndarray:
    return (unit(number) * len(among)).astype(np.int64)
