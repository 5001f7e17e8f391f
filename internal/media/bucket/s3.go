// Package bucket keeps uploaded files in S3.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/herald-publishing/herald/internal/media"
)

// S3 implements media.Bucket, and opens ranges for the publisher.
type S3 struct {
	client *s3.Client
	signer *s3.PresignClient
	bucket string
}

var _ media.Bucket = (*S3)(nil)

// New makes one. origin is where a browser reaches the bucket; it only counts where the AWS configuration names
// an endpoint of its own (AWS_ENDPOINT_URL), because a signature holds for one host.
func New(cfg aws.Config, bucket, origin string) *S3 {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.UsePathStyle = cfg.BaseEndpoint != nil
	})
	signer := s3.NewPresignClient(client, func(o *s3.PresignOptions) {
		if cfg.BaseEndpoint != nil && origin != "" {
			o.ClientOptions = append(o.ClientOptions, func(o *s3.Options) { o.BaseEndpoint = &origin })
		}
	})
	return &S3{client: client, signer: signer, bucket: bucket}
}

// unfinished marks an object until Keep. The bucket has a rule for it.
const unfinished = "state=unfinished"

// Begin implements media.Bucket. The type that a reader is told comes with SignGet, from what the bytes turn out to be.
func (b *S3) Begin(ctx context.Context, key string) (string, error) {
	r, err := b.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &b.bucket, Key: &key, Tagging: aws.String(unfinished)})
	if err != nil {
		return "", fmt.Errorf("bucket: begin: %w", err)
	}
	return aws.ToString(r.UploadId), nil
}

// SignPart implements media.Bucket. Number and length are part of the signature, so the bucket refuses any other.
func (b *S3) SignPart(ctx context.Context, key, uploadID string, number int, size int64, life time.Duration) (media.SignedPart, error) {
	r, err := b.signer.PresignUploadPart(ctx, &s3.UploadPartInput{
		Bucket: &b.bucket, Key: &key, UploadId: &uploadID, PartNumber: aws.Int32(int32(number)), ContentLength: &size, //nolint:gosec // at most 10,000
	}, s3.WithPresignExpires(life))
	if err != nil {
		return media.SignedPart{}, fmt.Errorf("bucket: sign: %w", err)
	}
	headers := map[string]string{}
	for name, values := range r.SignedHeader {
		if !strings.EqualFold(name, "Host") && len(values) > 0 {
			headers[http.CanonicalHeaderKey(name)] = values[0]
		}
	}
	return media.SignedPart{Number: number, URL: r.URL, Method: r.Method, Headers: headers}, nil
}

// Parts implements media.Bucket.
func (b *S3) Parts(ctx context.Context, key, uploadID string) ([]media.Part, error) {
	var out []media.Part
	p := s3.NewListPartsPaginator(b.client, &s3.ListPartsInput{Bucket: &b.bucket, Key: &key, UploadId: &uploadID})
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if absent(err) {
			return nil, media.ErrNoUpload
		}
		if err != nil {
			return nil, fmt.Errorf("bucket: list parts: %w", err)
		}
		for _, part := range page.Parts {
			out = append(out, media.Part{Number: int(aws.ToInt32(part.PartNumber)), Bytes: aws.ToInt64(part.Size), ETag: aws.ToString(part.ETag)})
		}
	}
	return out, nil
}

// Join implements media.Bucket.
func (b *S3) Join(ctx context.Context, key, uploadID string, parts []media.Part) error {
	list := make([]types.CompletedPart, 0, len(parts))
	for _, p := range parts {
		list = append(list, types.CompletedPart{PartNumber: aws.Int32(int32(p.Number)), ETag: aws.String(p.ETag)}) //nolint:gosec // at most 10,000
	}
	_, err := b.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &b.bucket, Key: &key, UploadId: &uploadID, MultipartUpload: &types.CompletedMultipartUpload{Parts: list},
	})
	if absent(err) {
		return media.ErrNoUpload
	}
	if err != nil {
		return fmt.Errorf("bucket: join: %w", err)
	}
	return nil
}

// Abort implements media.Bucket.
func (b *S3) Abort(ctx context.Context, key, uploadID string) error {
	_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.bucket, Key: &key, UploadId: &uploadID})
	if err != nil && !absent(err) {
		return fmt.Errorf("bucket: abort: %w", err)
	}
	return nil
}

// Keep implements media.Bucket.
func (b *S3) Keep(ctx context.Context, key string) error {
	if _, err := b.client.DeleteObjectTagging(ctx, &s3.DeleteObjectTaggingInput{Bucket: &b.bucket, Key: &key}); err != nil {
		return fmt.Errorf("bucket: keep: %w", err)
	}
	return nil
}

// SignGet implements media.Bucket.
func (b *S3) SignGet(ctx context.Context, key, name, contentType string, life time.Duration) (string, error) {
	disposition := mime.FormatMediaType("inline", map[string]string{"filename": name})
	in := &s3.GetObjectInput{Bucket: &b.bucket, Key: &key, ResponseContentType: &contentType}
	if disposition != "" {
		in.ResponseContentDisposition = &disposition
	}
	r, err := b.signer.PresignGetObject(ctx, in, s3.WithPresignExpires(life))
	if err != nil {
		return "", fmt.Errorf("bucket: sign: %w", err)
	}
	return r.URL, nil
}

// Size implements media.Bucket.
func (b *S3) Size(ctx context.Context, key string) (int64, error) {
	r, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.bucket, Key: &key})
	if absent(err) {
		return 0, media.ErrNoObject
	}
	if err != nil {
		return 0, fmt.Errorf("bucket: head: %w", err)
	}
	return aws.ToInt64(r.ContentLength), nil
}

// Open implements media.Bucket and publish.Files.
func (b *S3) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &b.bucket, Key: &key}
	switch {
	case length == 0:
		return http.NoBody, nil
	case length > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	r, err := b.client.GetObject(ctx, in)
	if absent(err) {
		return nil, media.ErrNoObject
	}
	if err != nil {
		return nil, fmt.Errorf("bucket: get: %w", err)
	}
	return r.Body, nil
}

// Delete implements media.Bucket. Deleting what is gone is a success.
func (b *S3) Delete(ctx context.Context, key string) error {
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.bucket, Key: &key}); err != nil {
		return fmt.Errorf("bucket: delete: %w", err)
	}
	return nil
}

func absent(err error) bool {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return false
	}
	switch e.ErrorCode() {
	case "NotFound", "NoSuchKey", "NoSuchUpload", "404":
		return true
	default:
		return false
	}
}
