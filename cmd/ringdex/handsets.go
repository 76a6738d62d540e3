package main

import (
	"fmt"
	"strings"

	"ringdex/ldapserver/directory"
)

// The places in HANDSETS.md that are made from the models and profiles: between a line <!-- NAME --> and <!-- end -->.
const (
	handsetsSupport  = "support"
	handsetsProfiles = "profiles"
	handsetsRecipes  = "recipes"
	handsetsEnd      = "<!-- end -->\n"
)

// handsets puts the made parts into the text of HANDSETS.md.
func handsets(text string) (string, error) {
	recipes, err := handsetRecipes()
	if err != nil {
		return "", err
	}
	for name, part := range map[string]string{
		handsetsSupport: supportTable(), handsetsProfiles: profileTable(), handsetsRecipes: recipes,
	} {
		before, rest, ok := strings.Cut(text, "<!-- "+name+" -->\n")
		_, after, closed := strings.Cut(rest, handsetsEnd)
		if !ok || !closed {
			return "", fmt.Errorf("HANDSETS.md has no place <!-- %s --> with an <!-- end -->", name)
		}
		text = before + "<!-- " + name + " -->\n" + part + handsetsEnd + after
	}
	return text, nil
}

// supportTable says what works on each model.
func supportTable() string {
	var b strings.Builder
	b.WriteString("| device | incoming call | typing a name | typing a number | list on opening | what is special, and handled |\n|---|---|---|---|---|---|\n")
	for _, m := range phoneModels() {
		s := m.support
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", m.title, s.call, s.name, s.number, s.list, s.special)
	}
	return b.String()
}

// profileTable says what each ready profile answers to.
func profileTable() string {
	var b strings.Builder
	b.WriteString("| profile | for | what it answers to, and where that is known from |\n|---|---|---|\n")
	for _, p := range directory.BuiltinProfiles() {
		var why []string
		for _, q := range p.Quirks {
			why = append(why, fmt.Sprintf("%s (%s)", q.What, q.Source))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, p.About, strings.ReplaceAll(strings.Join(why, "; "), "|", "\\|"))
	}
	return b.String()
}

// confirmation says what of the recipe a public source confirms, and what none does.
func (m *phoneModel) confirmation() string {
	var known []string
	for _, s := range m.sources {
		known = append(known, fmt.Sprintf("%s (%s)", s.what, s.by))
	}
	text := "Confirmed: " + strings.Join(known, "; ") + "."
	if m.open != "" {
		text += " Not confirmed: " + m.open + "."
	}
	return text
}

// handsetRecipes are the settings of all models for a directory as it may be.
func handsetRecipes() (string, error) {
	cfg, err := parseConfig([]byte("ldap: { listen: [\"ringdex.example.org:3389\"] }\n"), "recipes")
	if err != nil {
		return "", err
	}
	cfg.LDAP.Users = map[string]UserConfig{"phone": {}}
	var b strings.Builder
	for _, m := range phoneModels() {
		s, err := cfg.phoneSheet(&m, "")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n### %s\n\n`ringdex phones %s`, into %s:\n\n```\n%s```\n\n", m.title, m.name, m.where, s.block())
		for i, step := range s.Steps {
			fmt.Fprintf(&b, "%d. %s\n", i+1, step)
		}
		if notes := append(m.notes, s.unsure()...); len(notes) > 0 {
			b.WriteString("\n" + strings.Join(notes, " ") + "\n")
		}
		b.WriteString("\n" + m.confirmation() + "\n")
	}
	return b.String() + "\n", nil
}
