// Renders the chart with the parts Helm itself is made of: Go's text/template and the sprig functions, both Debian packages
// (golang-1.19-go, golang-github-masterminds-sprig-dev, golang-gopkg-yaml.v3-dev). It knows what the chart uses, and nothing of
// a cluster: `lookup` finds nothing, as with `helm template`.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run scripts/helm-render/main.go <chart folder> [values.yaml]
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type values = map[string]interface{}

func main() {
	if len(os.Args) < 2 {
		fail(errors.New("expected the folder of a chart"))
	}
	chart := os.Args[1]
	set := readYaml(filepath.Join(chart, "values.yaml"))
	if len(os.Args) > 2 {
		set = merge(set, readYaml(os.Args[2]))
	}
	about := readYaml(filepath.Join(chart, "Chart.yaml"))
	context := values{
		"Values":  set,
		"Chart":   values{"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]},
		"Release": values{"Name": "test", "Namespace": "housing", "Service": "Helm"},
		"Files":   files{chart},
	}
	names, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	check(err)
	sort.Strings(names)
	set_ := template.New("chart").Option("missingkey=error")
	set_.Funcs(sprig.TxtFuncMap()).Funcs(functions(set_))
	for _, name := range names {
		text, err := os.ReadFile(name)
		check(err)
		_, err = set_.New(name).Parse(string(text))
		check(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".tpl") {
			continue
		}
		var out bytes.Buffer
		check(set_.ExecuteTemplate(&out, name, context))
		fmt.Printf("---\n# %s\n%s\n", filepath.Base(name), out.String())
	}
}

// What Helm adds to sprig, as far as the chart uses it.
func functions(set *template.Template) template.FuncMap {
	return template.FuncMap{
		"include": func(name string, data interface{}) (string, error) {
			var out bytes.Buffer
			err := set.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
		"required": func(message string, value interface{}) (interface{}, error) {
			if value == nil || value == "" {
				return nil, errors.New(message)
			}
			return value, nil
		},
		"toYaml": func(value interface{}) (string, error) {
			text, err := yaml.Marshal(value)
			return strings.TrimSuffix(string(text), "\n"), err
		},
		"lookup": func(_, _, _, _ string) values { return values{} },
	}
}

type files struct{ chart string }

func (f files) Get(name string) string {
	text, err := os.ReadFile(filepath.Join(f.chart, name))
	if err != nil {
		return ""
	}
	return string(text)
}

func merge(into, from values) values {
	for key, value := range from {
		inner, isMap := value.(values)
		before, wasMap := into[key].(values)
		if isMap && wasMap {
			into[key] = merge(before, inner)
		} else {
			into[key] = value
		}
	}
	return into
}

func readYaml(path string) values {
	text, err := os.ReadFile(path)
	check(err)
	read := values{}
	check(yaml.Unmarshal(text, &read))
	return read
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
