package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// venv is one Python environment with pinned packages.
type venv struct {
	name string
	pins []string
	bins []string // what must be there afterwards
}

// Two environments, because both pin botocore, and not to the same version. The translator must come in the same
// pip call as MiniStack, or it lifts MiniStack's pin; without cryptography its JWT authorizer refuses everything.
func ministackVenv() venv {
	return venv{"ministack", []string{"ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2"}, []string{"python"}}
}

func samVenv() venv {
	return venv{"sam", []string{"aws-sam-cli==1.170.0", "cfn-lint==1.58.0"}, []string{"sam", "cfn-lint"}}
}

// InstallTools makes both Python environments under .tools, unless they are there as pinned.
func InstallTools(ctx context.Context, c Config) error {
	if err := c.defaults(); err != nil {
		return err
	}
	lock, err := waitLock(ctx, c.shared("locks", "tools"), fmt.Sprintf("the installation of tools (pid %d)", os.Getpid()))
	if err != nil {
		return err
	}
	defer lock.release()
	for _, v := range []venv{ministackVenv(), samVenv()} {
		if err := c.installVenv(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) installVenv(ctx context.Context, v venv) error {
	dir := c.tool(v.name)
	stampFile := filepath.Join(dir, ".herald")
	// The path is in the stamp: an environment does not survive a move of the repository.
	stamp := dir + "\n" + strings.Join(v.pins, "\n") + "\n"
	if b, err := os.ReadFile(stampFile); err == nil && string(b) == stamp && v.complete(dir) {
		return nil
	}
	python, err := findPython(ctx)
	if err != nil {
		return err
	}
	return c.step("install "+v.name, func() error {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		log := c.shared("logs", "tools-"+v.name+".log")
		mk := command{
			what: "python3 -m venv", dir: c.Root, env: toolEnv(), args: []string{python, "-m", "venv", dir},
			logFile: log, timeout: 2 * time.Minute,
		}
		if err := mk.run(ctx); err != nil {
			return fmt.Errorf("%w\nPython needs its venv module (on Debian: apt-get install python3-venv)", err)
		}
		args := append([]string{filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"}, v.pins...)
		install := command{what: "pip install " + v.name, dir: c.Root, env: toolEnv(), args: args, logFile: log, timeout: 10 * time.Minute}
		if err := install.run(ctx); err != nil {
			return err
		}
		return os.WriteFile(stampFile, []byte(stamp), 0o600)
	})
}

func (v venv) complete(dir string) bool {
	for _, b := range v.bins {
		if _, err := os.Stat(filepath.Join(dir, "bin", b)); err != nil {
			return false
		}
	}
	return true
}

// toolEnv is what tools see of the user's environment: proxies and package sources stay, AWS settings do not.
func toolEnv(extra ...string) []string {
	var env []string
	for _, kv := range os.Environ() {
		if strings.HasPrefix(kv, "AWS_") || strings.HasPrefix(kv, "SAM_CLI_") {
			continue
		}
		env = append(env, kv)
	}
	return append(env, extra...)
}

var versionNumber = regexp.MustCompile(`(\d+)\.(\d+)`)

// CheckPrerequisites tells in one sentence each what is missing on this machine.
func CheckPrerequisites(ctx context.Context) error {
	var missing []error
	if _, err := findPython(ctx); err != nil {
		missing = append(missing, err)
	}
	if err := checkVersion(ctx, "Go", "1.26", "go", "version"); err != nil {
		missing = append(missing, err)
	}
	if err := checkVersion(ctx, "Node", "20.19", "node", "--version"); err != nil {
		missing = append(missing, err)
	}
	return errors.Join(missing...)
}

func findPython(ctx context.Context) (string, error) {
	var last error
	for _, name := range []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if last = checkVersion(ctx, "Python", "3.11", path, "--version"); last == nil {
			return path, nil
		}
	}
	if last == nil {
		last = errors.New("no python3 was found; Python >= 3.11 is needed")
	}
	return "", last
}

func checkVersion(ctx context.Context, title, atLeast, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, name, args...).Output()
	if err != nil {
		return fmt.Errorf("%s >= %s is needed and %s was not found", title, atLeast, name)
	}
	have := versionNumber.FindStringSubmatch(string(out))
	want := versionNumber.FindStringSubmatch(atLeast)
	if have == nil || less(have[1:], want[1:]) {
		return fmt.Errorf("%s >= %s is needed; %s says %q", title, atLeast, name, strings.TrimSpace(string(out)))
	}
	return nil
}

func less(a, b []string) bool {
	for i := range a {
		x, _ := strconv.Atoi(a[i])
		y, _ := strconv.Atoi(b[i])
		if x != y {
			return x < y
		}
	}
	return false
}
