package main

import (
	"encoding/json"
	"io"
)

// writeJSON prints v indented, without HTML escapes: URLs and names stay readable.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
