package directory

import "testing"

// TestHeadNumberEvidence: what tells a head number, and what speaks against it.
func TestHeadNumberEvidence(t *testing.T) {
	t.Parallel()
	works := func(name, number string) someone {
		return someone{object: "Account", name: name, company: name, numbers: []string{"telephoneNumber", number}}
	}
	person := func(name, company, number string) someone {
		return someone{name: name, company: company, numbers: []string{"telephoneNumber", number}}
	}
	const asked = "+493023125777"
	for _, c := range []struct {
		name, asked, want string
		list              []someone
	}{
		{"hyphen", asked, "A Works", []someone{works("A Works", "+49 30 23125-0")}},
		{"hyphen, one digit dialled", "+4930231257", "A Works", []someone{works("A Works", "+49 30 23125-0")}},
		{"hyphen at the end", asked, "A Works", []someone{works("A Works", "+49 30 23125-")}},
		{"trailing 0", asked, "A Works", []someone{works("A Works", "+49 30 231250")}},
		{"trailing 0, one digit dialled", "+4930231257", "", []someone{works("A Works", "+49 30 231250")}},
		{"the company's number itself", asked, "A Works", []someone{works("A Works", "030 23125")}},
		{"stem of two people", asked, "A Works", []someone{works("A Works", ""), person("Anna", "A Works", "+49 30 23125-11"), person("Bert", "a works", "+49 30 23125-12")}},
		{"stem of one person", asked, "", []someone{works("A Works", ""), person("Anna", "A Works", "+49 30 23125-11")}},
		{"two people, but of no company's record", asked, "", []someone{person("Anna", "A Works", "+49 30 23125-11"), person("Bert", "A Works", "+49 30 23125-12")}},
		{"two people without hyphens", asked, "", []someone{works("A Works", ""), person("Anna", "A Works", "+49 30 2312511"), person("Bert", "A Works", "+49 30 2312512")}},
		{"Austrian", "+43151234777", "A Works", []someone{works("A Works", "+43 1 51234-0")}},
		{"Luxembourg", "+35226123477", "A Works", []someone{works("A Works", "+352 26 12 34-0")}},
		{"two records of the company", asked, "A WORKS", []someone{works("A Works", "+49 30 23125-0"), works("A WORKS", "+49 30 23125-0")}},
		{"somebody of nowhere under it", asked, "A Works", []someone{works("A Works", "+49 30 23125-0"), person("Carl", "", "+49 30 23125-13")}},
		{"the longest one", asked, "B Works", []someone{works("A Works", "+49 30 231-0"), works("B Works", "+49 30 231257-0")}},

		{"two companies with it", asked, "", []someone{works("A Works", "+49 30 23125-0"), works("B Works", "+49 30 23125-0")}},
		{"somebody of another company under it", asked, "", []someone{works("A Works", "+49 30 23125-0"), person("Carl", "B Works", "+49 30 23125-13")}},
		{"people of two companies with a hyphen there", asked, "", []someone{works("A Works", ""), works("B Works", ""), person("Anna", "A Works", "+49 30 23125-11"), person("Bert", "B Works", "+49 30 23125-12")}},
		{"six digits behind it", "+4930231777777", "", []someone{works("A Works", "+49 30 231-0")}},
		{"two digits behind the area", "+493023777", "", []someone{works("A Works", "+49 30 23-0")}},
		{"mobile", "+491711234777", "", []someone{works("A Works", "+49 171 1234-0")}},
		{"closed plan", "+41446681877", "", []someone{works("A Works", "+41 44 668 18-00")}},
		{"the person who has it", "+493023125-11", "Anna", []someone{works("A Works", "+49 30 23125-0"), person("Anna", "A Works", "+49 30 23125-11")}},
		{"a person's own head number", asked, "", []someone{person("Anna", "", "+49 30 23125-0")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := caller(t, sessionOf(directoryOf(t, everybody(t, c.list...), nil)), c.asked); got != c.want {
				t.Errorf("%s: got %q, want %q", c.asked, got, c.want)
			}
		})
	}
}
