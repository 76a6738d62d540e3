package emulator

import "strings"

// A country of the invented org, with what people and companies there are called.
type country struct {
	code       string
	spellings  []string // in MailingCountry, as people type it
	first      []string
	last       []string
	branches   []string
	legal      []string
	titles     []string
	cities     []city
	streets    []string
	dial       *dialPlan
	firstASCII []string
	lastASCII  []string
}

// A city with its postal code and state.
type city struct{ name, code, state string }

// words splits a list at bars.
func words(s string) []string { return strings.Split(s, "|") }

const (
	german = iota
	austrian
	swiss
	british
	french
	american
	countries
)

// countryTable makes the tables; the names are common ones, the people are not.
func countryTable() [countries]country {
	deFirst := words("Anna|Björn|Jürgen|Käthe|Sören|Lena|Matthias|Ümit|Zoë|Hans-Peter|Karl-Heinz|Marie-Luise|Jörg|Günther|Änne|Felix|Sabine|Thomas|Ute|Wolfgang|Nadine|Stefan|Heike|René|Özlem|Katrin|Uwe|Birgit|Andreas|Petra|Michael|Claudia|Frank|Silke|Torsten|Monika|Ralf|Ingrid|Dirk|Renate")
	deLast := words("Müller|Schmidt|Schäfer|Weiß|Groß|Köhler|Krüger|Özdemir|Böhm|Jäger|Lübke|Strauß|Schröder|von der Heide|Meyer-Landrut|Müller-Lüdenscheidt|zu Guttenthal|Großmann|Nußbaum|Kühn|Fröhlich|Brückner|Hößle|Bäcker|Fischer|Weber|Wagner|Becker|Hoffmann|Koch|Richter|Klein|Wolf|Neumann|Schwarz|Zimmermann|Braun|Krause|Lehmann|Walter|Huber|Mayer|Vogel|Frank|Berger|Winkler|Lorenz|Baumann|Franke|Albrecht")
	table := [countries]country{
		german: {
			code: "DE", spellings: words("Deutschland|Germany|DE|Deutschland|Germany|BRD"),
			first: deFirst, last: deLast,
			branches: words("Maschinenbau|Elektrotechnik|Logistik|Druck & Medien|Bürobedarf|Möbel|Kältetechnik|Fördertechnik|Getränke|Gebäudereinigung|Söhne|Präzisionsteile|Werkzeuge|Steuerberatung|Versicherungen|Sanitär & Heizung"),
			legal:    words("GmbH|AG|GmbH & Co. KG|KG|e.K.|OHG|SE|e.V.|GbR|UG (haftungsbeschränkt)"),
			titles:   words("Geschäftsführer|Einkäuferin|Leiter Vertrieb|Prokuristin|IT-Leiter|Sachbearbeiterin|Hausmeister|Entwickler|Buchhaltung|Empfang"),
			cities:   []city{{"Berlin", "10115", "Berlin"}, {"Frankfurt am Main", "60311", "Hessen"}, {"Hamburg", "20095", "Hamburg"}, {"Köln", "50667", "Nordrhein-Westfalen"}, {"München", "80331", "Bayern"}},
			streets:  words("Hauptstraße|Bahnhofstr.|Königsallee|Am Mühlbach|Goethestraße|Straße des 17. Juni|Lindenweg|Gewerbepark Süd"),
			dial:     germanPlan(),
		},
		austrian: {
			code: "AT", spellings: words("Österreich|Austria|AT|Oesterreich"),
			first: deFirst, last: words("Gruber|Huber|Bauer|Wagner|Pichler|Steiner|Moser|Mayer|Hofer|Leitner|Eder|Fischer|Schmid|Winkler|Weber|Schwarz|Maier|Schneider|Reiter|Mayr|Brunner|Wimmer|Egger|Lang|Baumgartner|Auer|Binder|Lechner|Wolf|Wallner|Aigner|Ebner|Koller|Lehner|Haas|Schuster|Hörmann|Kölbl|Stöger|Prögler"),
			branches: words("Installationen|Tischlerei|Weinhandel|Tourismus|Bäckerei|Baumeister|Technik|Handels"),
			legal:    words("GmbH|Ges.m.b.H.|GmbH & Co KG|AG|e.U.|KG|OG"),
			titles:   words("Geschäftsführer|Prokuristin|Verkaufsleiter|Sekretariat|Techniker|Filialleiterin"),
			cities:   []city{{"Wien", "1010", "Wien"}, {"Graz", "8010", "Steiermark"}, {"Linz", "4020", "Oberösterreich"}, {"Salzburg", "5020", "Salzburg"}, {"Innsbruck", "6020", "Tirol"}},
			streets:  words("Ringstraße|Mariahilfer Straße|Landstraßer Gürtel|Herrengasse|Dorfplatz|Mühlgasse"),
			dial:     austrianPlan(),
		},
		swiss: {
			code: "CH", spellings: words("Schweiz|Switzerland|CH|Suisse|Svizzera"),
			first: words("Urs|Beat|Reto|Regula|Vreni|Jürg|François|Chantal|Luca|Giulia|Ruedi|Ueli|Sandra|Daniel|Nicole|Thérèse|Markus|Béatrice|Corinne|Fabio"),
			last:  words("Müller|Meier|Schmid|Keller|Weber|Huber|Schneider|Meyer|Steiner|Fischer|Gerber|Brunner|Baumann|Frei|Zimmermann|Moser|Favre|Rochat|Bianchi|Bernasconi|Zürcher|Bühler|Wüthrich|Lüthi|Hänni|Aebischer|Dällenbach|Nydegger|Ferrari|Genoud"),

			branches: words("Treuhand|Uhren|Precision|Maschinen|Käse|Immobilien|Engineering|Pharma"),
			legal:    words("AG|GmbH|SA|Sàrl|Sagl|& Cie"),
			titles:   words("Geschäftsleiterin|CEO|Directeur|Sachbearbeiter|Responsable achats|Leiter IT"),
			cities:   []city{{"Zürich", "8001", "ZH"}, {"Bern", "3011", "BE"}, {"Genève", "1204", "GE"}, {"Lausanne", "1003", "VD"}, {"Luzern", "6003", "LU"}, {"St. Gallen", "9000", "SG"}, {"Basel", "4051", "BS"}, {"Lugano", "6900", "TI"}},
			streets:  words("Bahnhofstrasse|Rue du Rhône|Seestrasse|Via Nassa|Marktgasse|Chemin des Alpes"),
			dial:     swissPlan(),
		},
		british: {
			code: "GB", spellings: words("United Kingdom|UK|GB|England|Great Britain"),
			first: words("James|Siân|Zoë|Mary-Jane|Oliver|Chloë|Aoife|Callum|Imogen|Rhys|Harriet|Alastair|Niamh|George|Emily|Seán|Fiona|Duncan|Bronwen|Thomas"),
			last:  words("O'Brien|Smith|D'Arcy|MacDonald|Fitz-Gerald|Jones|Taylor|Brown|Williams|Wilson|O'Neill|Davies|Evans|Ó Briain|Clarke|Lloyd-Jones|Hughes|Walker|Green|Thompson|Cholmondeley|St. John|Featherstonehaugh|Patel|Khan"),

			branches: words("& Sons|Engineering|Logistics|Plumbing|Consulting|Brewery|Textiles|Marine"),
			legal:    words("Ltd|Limited|PLC|LLP|Ltd.|& Co."),
			titles:   words("Managing Director|Buyer|Head of Sales|IT Manager|Receptionist|Accounts Payable"),
			cities:   []city{{"London", "EC1A 1BB", ""}, {"Leeds", "LS1 4AP", "West Yorkshire"}, {"Sheffield", "S1 2HE", "South Yorkshire"}, {"Nottingham", "NG1 5FS", ""}},
			streets:  words("High Street|Station Road|Church Lane|King's Road|Victoria Street|The Green"),
			dial:     britishPlan(),
		},
		french: {
			code: "FR", spellings: words("France|FR|Frankreich|FRANCE"),
			first: words("François|Hélène|Zoé|Jean-Luc|Anaïs|Benoît|Cécile|Gaëlle|Jérôme|Maëlys|Noël|Océane|Rémi|Stéphane|Thérèse|Loïc|Amélie|Chloé|Mathéo|Inès"),
			last:  words("Lefèvre|D'Aubigné|Dupont|L'Hôpital|Bérenger|Müller|Garçon|Lemaître|Noël|Saint-Étienne|Forêt|Château|Petit|Moreau|Laurent|Girard|Fournier|Mercier|Blanc|Guérin|Chevalier|François|Gauthier|Perrin|Clément"),

			branches: words("& Fils|Électricité|Boulangerie|Transports|Conseil|Vins|Mécanique|Façades"),
			legal:    words("SARL|SA|SAS|EURL|SNC|S.A.R.L."),
			titles:   words("Directrice générale|Acheteur|Responsable informatique|Comptable|Accueil|Chef d'équipe"),
			cities:   []city{{"Paris", "75001", ""}, {"Nantes", "44000", ""}, {"Strasbourg", "67000", ""}, {"Lyon", "69001", ""}, {"Toulouse", "31000", ""}},
			streets:  words("Rue de l'Église|Avenue de la République|Boulevard Voltaire|Place du Marché|Impasse des Lilas"),
			dial:     frenchPlan(),
		},
		american: {
			code: "US", spellings: words("USA|United States|US|United States of America"),
			first: words("Emma|Liam|José|Mary Ann|Jean-Paul|Olivia|Noah|Renée|Tyler|Ashley|María|DeShawn|Brooke|Kevin|Chris|Brandon|Megan|Zachary|Hannah|Ethan"),
			last:  words("Smith|Johnson|O'Connor|García|Nguyen|Brown-Davis|Miller|McAllister|Núñez|Van Buren|Lee|Rodríguez|Anderson|Peña|Thomas|Jackson|De La Cruz|White|Harris|Martin"),

			branches: words("Industries|Holdings|Supply|Partners|Systems|Foods|Motors|Realty"),
			legal:    words("Inc.|LLC|Corp.|Co.|L.P.|Inc"),
			titles:   words("CEO|VP, Sales|Procurement Manager|Office Manager|CTO|SVP, Operations"),
			cities:   []city{{"Washington", "20001", "DC"}, {"New York", "10001", "NY"}, {"Chicago", "60601", "IL"}, {"Austin", "78701", "TX"}},
			streets:  words("Main St|Oak Ave|5th Avenue|Elm St|Martin Luther King Jr. Blvd|Broadway"),
			dial:     americanPlan(),
		},
	}
	for i := range table {
		c := &table[i]
		for _, n := range c.first {
			c.firstASCII = append(c.firstASCII, plainASCII(n))
		}
		for _, n := range c.last {
			c.lastASCII = append(c.lastASCII, plainASCII(n))
		}
	}
	return table
}

// plainASCII spells a name for a mail address.
func plainASCII(s string) string {
	s = strings.ToLower(s)
	s = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "ë", "e", "á", "a", "à", "a", "â", "a",
		"í", "i", "î", "i", "ï", "i", "ó", "o", "ô", "o", "ú", "u", "ñ", "n", "ç", "c", "'", "", ".", "").Replace(s)
	return strings.ReplaceAll(s, " ", "-")
}

// cutName splits "Jana Bergmann" at its first space.
func cutName(name string) (first, last string, ok bool) { return strings.Cut(name, " ") }
