package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const maxManageBody = 256 << 20

// manage adds the routes of the management endpoint.
func (s *Server) manage(mux *http.ServeMux) {
	o := s.org
	route := func(pattern string, serve func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
			if !fromLoopback(req) {
				answerJSON(w, http.StatusForbidden, map[string]string{"error": "the management endpoint is for this machine only"})
				return
			}
			out, err := serve(req)
			var missing *ObjectError
			switch {
			case errors.As(err, &missing):
				answerJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
			case err != nil:
				answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			default:
				answerJSON(w, http.StatusOK, out)
			}
		})
	}
	route("GET /_emulator/{$}", func(*http.Request) (any, error) { return o.state(), nil })
	route("GET /_emulator/records/{object}/{id}", o.manageRead)
	route("POST /_emulator/records/{object}", o.manageUpsert)
	route("DELETE /_emulator/records/{object}/{id}", func(req *http.Request) (any, error) {
		if req.URL.Query().Get("purge") == "true" {
			return ok{}, o.Purge(req.PathValue("object"), req.PathValue("id"))
		}
		return ok{}, o.Delete(req.PathValue("object"), req.PathValue("id"))
	})
	route("POST /_emulator/undelete/{object}/{id}", func(req *http.Request) (any, error) {
		return ok{}, o.Undelete(req.PathValue("object"), req.PathValue("id"))
	})
	route("POST /_emulator/merge/{object}", func(req *http.Request) (any, error) {
		var in struct {
			Master string   `json:"master"`
			Losers []string `json:"losers"`
		}
		if err := readJSON(req, &in); err != nil {
			return nil, err
		}
		return ok{}, o.Merge(req.PathValue("object"), in.Master, in.Losers...)
	})
	route("POST /_emulator/clock", o.manageClock)
	route("POST /_emulator/fields/{object}", func(req *http.Request) (any, error) {
		var in FieldSpec
		if err := readJSON(req, &in); err != nil {
			return nil, err
		}
		return ok{}, o.AddField(req.PathValue("object"), in)
	})
	route("DELETE /_emulator/fields/{object}/{field}", func(req *http.Request) (any, error) {
		return ok{}, o.RemoveField(req.PathValue("object"), req.PathValue("field"))
	})
	route("POST /_emulator/permissions/{object}/{field}", func(req *http.Request) (any, error) {
		var in struct {
			Visible bool `json:"visible"`
		}
		if err := readJSON(req, &in); err != nil {
			return nil, err
		}
		if in.Visible {
			return ok{}, o.ShowField(req.PathValue("object"), req.PathValue("field"))
		}
		return ok{}, o.HideField(req.PathValue("object"), req.PathValue("field"))
	})
	route("POST /_emulator/faults", func(req *http.Request) (any, error) {
		var in struct {
			Faults []string `json:"faults"`
		}
		if err := readJSON(req, &in); err != nil {
			return nil, err
		}
		for _, spec := range in.Faults {
			if err := o.AddFault(spec); err != nil {
				return nil, err
			}
		}
		return map[string]any{"faults": o.Faults()}, nil
	})
	route("DELETE /_emulator/faults", func(*http.Request) (any, error) { o.ClearFaults(); return ok{}, nil })
	route("DELETE /_emulator/sessions", func(*http.Request) (any, error) { o.KillSessions(); return ok{}, nil })
	route("GET /_emulator/settings", func(*http.Request) (any, error) { return o.Settings(), nil })
	route("POST /_emulator/settings", func(req *http.Request) (any, error) {
		in := o.Settings()
		if err := readJSON(req, &in); err != nil {
			return nil, err
		}
		return in, o.Configure(in)
	})
	route("GET /_emulator/permissions", func(*http.Request) (any, error) { return o.Permissions(), nil })
	route("POST /_emulator/permissions", func(req *http.Request) (any, error) {
		in := o.Permissions()
		if err := readJSON(req, &in); err != nil {
			return nil, err
		}
		return in, o.SetPermissions(in)
	})
	route("GET /_emulator/oauth", func(*http.Request) (any, error) { return o.OAuth(), nil })
	route("POST /_emulator/oauth", func(req *http.Request) (any, error) {
		in := o.OAuth()
		if err := readJSON(req, &in); err != nil {
			return nil, err
		}
		return in, o.ConfigureOAuth(in)
	})
	route("GET /_emulator/counters", func(*http.Request) (any, error) {
		return map[string]any{"calls": o.Calls(), "logins": o.Logins()}, nil
	})
	route("POST /_emulator/reset", func(*http.Request) (any, error) { return ok{}, o.Reset() })
}

// ok is the answer of a change that has nothing to tell.
type ok struct{}

// fromLoopback tells whether a request comes from this machine and was meant for it: a page in a browser that reaches
// us by another host's name is refused.
func fromLoopback(req *http.Request) bool {
	for _, address := range []string{req.RemoteAddr, req.Host} {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return req.Header.Get("Origin") == ""
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.Encode(v) // the client is gone
}

// readJSON reads a body strictly; numbers keep their spelling.
func readJSON(req *http.Request, v any) error {
	d := json.NewDecoder(io.LimitReader(req.Body, maxManageBody))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("emulator: body: %w", err)
	}
	return nil
}

func (o *Org) state() any {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settle()
	records := map[string]int{}
	for name, obj := range o.objects {
		records[name] = len(obj.table.byID) - obj.table.bin
	}
	faults := make([]string, 0, len(o.script.rules))
	for _, r := range o.script.rules {
		faults = append(faults, r.spec)
	}
	return map[string]any{
		"url": o.url, "organization_id": o.orgID, "now": o.now().UTC().Format(time.RFC3339),
		"records": records, "faults": faults, "settings": o.settings, "sessions": len(o.sessions.live),
		"calls": o.usage.calls, "logins": o.usage.logins,
	}
}

func (o *Org) manageUpsert(req *http.Request) (any, error) {
	var late time.Duration
	if text := req.URL.Query().Get("late"); text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("emulator: late: %q is no duration", text)
		}
		late = d
	}
	var raw json.RawMessage
	if err := readJSON(req, &raw); err != nil {
		return nil, err
	}
	var list []Values
	if err := decodeNumbers(raw, &list); err != nil {
		var one Values
		if err := decodeNumbers(raw, &one); err != nil {
			return nil, fmt.Errorf("emulator: want a record or a list of records: %w", err)
		}
		list = []Values{one}
	}
	ids := make([]string, 0, len(list))
	for _, values := range list {
		id, err := o.UpsertLate(req.PathValue("object"), values, late)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return map[string]any{"ids": ids}, nil
}

func (o *Org) manageRead(req *http.Request) (any, error) {
	name, id := req.PathValue("object"), req.PathValue("id")
	fields, err := o.record(name, id)
	if err != nil {
		return nil, err
	}
	return map[string]any{"fields": fields, "truth": o.Truth(id)}, nil
}

// record gives a record's fields in SOAP spelling, nil for those without a value.
func (o *Org) record(name, id string) (map[string]any, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	obj, err := o.objectNamed(name)
	if err != nil {
		return nil, err
	}
	slot, found := obj.table.find(id)
	if !found {
		return nil, &ObjectError{obj.name, id}
	}
	out := map[string]any{}
	for n, f := range obj.fields {
		if f.removed || f.kind == "address" {
			continue
		}
		out[f.name] = nil
		if value, set := obj.table.appendValue(nil, slot, n); set {
			out[f.name] = string(value)
		}
	}
	return out, nil
}

func (o *Org) manageClock(req *http.Request) (any, error) {
	var in struct {
		Now     string `json:"now"`
		Advance string `json:"advance"`
		Free    bool   `json:"free"`
	}
	if err := readJSON(req, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Now != "":
		t, err := time.Parse(time.RFC3339, in.Now)
		if err != nil {
			return nil, fmt.Errorf("emulator: clock: %w", err)
		}
		o.SetClock(t)
	case in.Advance != "":
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return nil, fmt.Errorf("emulator: clock: %w", err)
		}
		o.Advance(d)
	case in.Free:
		o.SetClock(time.Time{})
	default:
		return nil, errors.New("emulator: clock: want now, advance or free")
	}
	return map[string]string{"now": o.Now().UTC().Format(time.RFC3339)}, nil
}

func decodeNumbers(raw json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v)
}
