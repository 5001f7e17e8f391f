package visitor

import (
	"context"
	"fmt"
	"net/http"
)

// Upload sends a file to the library, part by part, and gives its id.
func (v *Visitor) Upload(ctx context.Context, name, mime string, content []byte) (string, error) {
	a, err := v.Must(ctx, http.MethodPost, v.Info.URL+"/v1/media", map[string]any{"name": name, "type": mime, "bytes": len(content)})
	if err != nil {
		return "", err
	}
	var file struct {
		ID        string `json:"id"`
		PartBytes int    `json:"part_bytes"`
		Parts     int    `json:"parts"`
	}
	if err := a.Into(&file); err != nil {
		return "", err
	}
	for n := 1; n <= file.Parts; n++ {
		from := (n - 1) * file.PartBytes
		if err := v.sendPart(ctx, file.ID, n, content[from:min(from+file.PartBytes, len(content))]); err != nil {
			return "", err
		}
	}
	_, err = v.Must(ctx, http.MethodPost, v.Info.URL+"/v1/media/"+file.ID+"/complete", nil)
	return file.ID, err
}

func (v *Visitor) sendPart(ctx context.Context, id string, n int, content []byte) error {
	a, err := v.Must(ctx, http.MethodPost, v.Info.URL+"/v1/media/"+id+"/parts", map[string]any{"numbers": []int{n}})
	if err != nil {
		return err
	}
	var signed struct {
		Parts []struct {
			URL     string            `json:"url"`
			Method  string            `json:"method"`
			Headers map[string]string `json:"headers"`
		} `json:"parts"`
	}
	if err := a.Into(&signed); err != nil || len(signed.Parts) != 1 {
		return fmt.Errorf("visitor: the part was not signed: %w", err)
	}
	header := http.Header{}
	for k, value := range signed.Parts[0].Headers {
		header.Set(k, value)
	}
	put, err := v.Send(ctx, signed.Parts[0].Method, signed.Parts[0].URL, content, header)
	if err == nil && put.Status != http.StatusOK {
		err = fmt.Errorf("visitor: part %d: %d: %s", n, put.Status, put.Body)
	}
	return err
}
