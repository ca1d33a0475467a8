{{- define "oikotie.name" -}}
{{- if contains "oikotie" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-oikotie" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "oikotie.labels" -}}
app.kubernetes.io/name: oikotie
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Labels that pods are found by; wants a list of the context and the role. */}}
{{- define "oikotie.selector" -}}
{{- $context := index . 0 -}}
app.kubernetes.io/name: oikotie
app.kubernetes.io/instance: {{ $context.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "oikotie.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "oikotie.redisSecret" -}}
{{- if .Values.redis.bundled }}{{ include "oikotie.name" . }}-redis{{ else }}{{ required "redis.existingSecret: expected the name of a secret with the key url, because redis.bundled is false" .Values.redis.existingSecret }}{{ end -}}
{{- end }}

{{/* What every pod has: who it is, and what it may not. */}}
{{- define "oikotie.pod" -}}
serviceAccountName: {{ include "oikotie.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "oikotie.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Wants a list of the context and the metrics port: the containers of a pod share their ports. */}}
{{- define "oikotie.environment" -}}
{{- $context := index . 0 -}}
- name: NODE_ID
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ include "oikotie.redisSecret" $context }}, key: url } }
- name: SCRAPER_METRICS_PORT
  value: {{ index . 1 | quote }}
- name: SCRAPER_METRICS_HOST
  value: "0.0.0.0"
{{- with $context.Values.contact }}
- name: SCRAPER_CONTACT
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{/* Ready and alive by the role's own word; a long start (migrations) is not a dead one. */}}
{{- define "oikotie.probes" -}}
startupProbe:
  httpGet: { path: /healthz, port: metrics }
  periodSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /healthz, port: metrics }
  periodSeconds: 20
  timeoutSeconds: 10
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: metrics }
  periodSeconds: 10
  timeoutSeconds: 10
{{- end }}

{{/* A new configuration starts new pods. */}}
{{- define "oikotie.podAnnotations" -}}
checksum/config: {{ toJson .Values.config | sha256sum }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "oikotie.kedaAddress" -}}
{{- if .Values.redis.bundled }}{{ include "oikotie.name" . }}-redis.{{ .Release.Namespace }}.svc:6379{{ else }}{{ required "worker.keda.redisAddress: expected host:port of the Redis, because redis.bundled is false" .Values.worker.keda.redisAddress }}{{ end -}}
{{- end }}
