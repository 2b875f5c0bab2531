/**
 * The lighting that everything shares, in linear colours; one program for each of the few kinds of surface.
 */

export const vertexShader = `
precision highp float;
in vec3 position;
in vec3 normal;
in vec3 uvl;
in vec4 tint;
in vec4 props;
in vec4 who;
uniform mat4 viewMatrix;
uniform mat4 projectionMatrix;
uniform float uTime;
uniform float uWind;
out vec3 vPlace;
out vec3 vNormal;
out vec3 vUvl;
out vec4 vTint;
out vec2 vProps;
flat out vec2 vWho;
invariant gl_Position;
void main() {
  vec3 place = position;
  if (props.z > 0.0) {
    float phase = uTime * 2.1 + position.x * 0.9 + position.z * 1.3;
    float gust = 0.6 + 0.4 * sin(uTime * 0.7 + position.x * 0.2);
    place += props.z * uWind * gust * 0.28 * vec3(sin(phase), 0.35 * sin(phase * 1.7 + 1.0), cos(phase * 0.83));
  }
  vPlace = place;
  vNormal = normal;
  vUvl = uvl;
  vTint = tint;
  vProps = props.xy;
  vWho = who.xy;
  gl_Position = projectionMatrix * viewMatrix * vec4(place, 1.0);
}
`;

const light = `
precision highp float;
precision highp sampler2DArray;
uniform sampler2DArray uTextures;
uniform sampler2D uShadows;
uniform mat4 uShadowMatrix;
uniform vec3 uEye;
uniform vec3 uSun;
uniform vec3 uSunLight;
uniform vec3 uSkyLight;
uniform vec3 uGroundLight;
uniform vec3 uZenith;
uniform vec3 uHorizon;
uniform float uWet;
uniform float uFog;
uniform float uLitWindows;
uniform float uExposure;
uniform float uInfrared;
uniform int uLampCount;
uniform vec3 uLamps[12];
uniform vec3 uLampLight;
uniform int uBeamCount;
uniform vec3 uBeams[12];
uniform vec3 uBeamAims[12];

vec3 sky(vec3 d) {
  vec3 up = mix(uHorizon, uZenith, pow(clamp(d.y, 0.0, 1.0), 0.5));
  return d.y >= 0.0 ? up : mix(uHorizon * 0.55, uGroundLight * 0.5, min(1.0, -d.y * 5.0));
}

vec3 developed(vec3 c) {
  return pow(1.0 - exp(-c * uExposure), vec3(1.0 / 2.2));
}

float hash(vec2 p) {
  return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453);
}
`;

const surface = `
in vec3 vPlace;
in vec3 vNormal;
in vec3 vUvl;
in vec4 vTint;
in vec2 vProps;
flat in vec2 vWho;
out vec4 outColour;

float depthAt(ivec2 at) {
  return dot(texelFetch(uShadows, at, 0).rgb, vec3(255.0 / 256.0, 255.0 / 65536.0, 255.0 / 16777216.0));
}

float sunlit(vec3 place, vec3 n) {
  vec4 at = uShadowMatrix * vec4(place + n * 0.05, 1.0);
  float sun = 1.0;
  if (at.x > 0.0 && at.x < 1.0 && at.y > 0.0 && at.y < 1.0) {
    vec2 texel = at.xy * SHADOW_SIZE - 0.5;
    ivec2 corner = ivec2(floor(texel));
    vec2 part = fract(texel);
    float z = at.z - 0.0008;
    vec4 behind = vec4(
      step(z, depthAt(corner)), step(z, depthAt(corner + ivec2(1, 0))),
      step(z, depthAt(corner + ivec2(0, 1))), step(z, depthAt(corner + ivec2(1, 1))));
    vec2 rows = mix(behind.xz, behind.yw, part.x);
    sun = mix(rows.x, rows.y, part.y);
  }
  return sun;
}

vec3 lampsAt(vec3 place, vec3 n) {
  vec3 sum = vec3(0.0);
  for (int i = 0; i < uLampCount; i++) {
    vec3 to = uLamps[i] - place;
    float d2 = dot(to, to);
    vec3 dir = to * inversesqrt(d2);
    sum += uLampLight * max(0.0, 0.25 + 0.75 * dot(n, dir)) * smoothstep(-0.1, 0.5, dir.y) / (d2 + 2.0);
  }
  for (int i = 0; i < uBeamCount; i++) {
    vec3 to = place - uBeams[i];
    float d2 = dot(to, to);
    vec3 dir = to * inversesqrt(d2);
    float along = dot(dir, uBeamAims[i]);
    float cone = smoothstep(0.86, 0.985, along) + 0.35 * smoothstep(0.55, 0.9, along);
    sum += vec3(26.0, 25.0, 22.5) * cone * max(0.0, 0.15 - 0.85 * dot(n, dir)) / (d2 + 6.0);
  }
  if (uInfrared > 0.0) {
    vec3 to = uEye - place;
    float d2 = dot(to, to);
    sum += vec3(uInfrared * (0.35 + 0.65 * max(0.0, dot(n, to * inversesqrt(d2)))) / (0.25 + d2 / 90.0));
  }
  return sum;
}

void main() {
  vec4 texel = texture(uTextures, vUvl);
#ifdef CUTOUT
  if (texel.a < 0.4) discard;
#endif
  vec3 view = normalize(uEye - vPlace);
  vec3 n = normalize(vNormal);
#ifdef CUTOUT
  n = normalize(n + 0.25 * view);
#else
  if (dot(n, view) < 0.0) n = -n;
#endif
  vec3 albedo = vTint.rgb * vTint.rgb * texel.rgb * texel.rgb;
  float gloss = vProps.x;
  float glow = vProps.y;
  float occlusion = vTint.a;
  float alpha = 1.0;
#ifdef GROUND
  float patchy = 2.0 * textureLod(uTextures, vec3(vUvl.yx * 0.057 + 0.3, 1.0), 3.0).g;
  albedo *= 0.25 + 0.75 * patchy;
  occlusion = 1.0;
#endif
#ifdef MARK
  alpha = texel.a * vTint.a;
  occlusion = 1.0;
#endif
#ifdef SOLID
  if (texel.a < 0.5) {
    vec2 cell = floor(vUvl.xy * 2.0);
    float dice = hash(cell + vTint.rg * 7.0);
    gloss = 0.8;
    albedo *= 0.35 + 0.5 * hash(cell + 3.1);
    if (dice < uLitWindows) {
      glow = 0.25 + 0.5 * hash(cell + 1.7);
      albedo = mix(vec3(1.0, 0.72, 0.4), vec3(0.9, 0.95, 1.0), hash(cell + 5.3)) * texel.rgb * 3.0;
    }
  }
#endif
  float up = max(0.0, n.y);
#if defined(GROUND) || defined(MARK)
  float soaked = 0.0;
  if (uWet > 0.0) soaked = uWet * (0.55 + 0.45 * smoothstep(0.35, 0.62, textureLod(uTextures, vec3(vPlace.xz * 0.045, 1.0), 2.0).g));
  albedo *= 1.0 - 0.5 * soaked;
  gloss = max(gloss, soaked * 0.75);
#else
  gloss = max(gloss, uWet * 0.3 * up);
#endif
  float facing = max(0.0, dot(n, uSun));
  float lit = facing > 0.0 && uSunLight.r > 0.02 ? facing * sunlit(vPlace, n) : 0.0;
#ifdef CUTOUT
  lit = 0.25 * lit + 0.75 * lit * (0.6 + 0.4 * texel.g);
  lit += 0.18 * max(0.0, -dot(n, uSun));
#endif
  vec3 incoming = mix(uGroundLight, uSkyLight, 0.5 + 0.5 * n.y) * occlusion + uSunLight * lit + lampsAt(vPlace, n);
  vec3 colour = albedo * incoming;
  if (gloss > 0.01) {
    vec3 mirror = reflect(-view, n);
    float grazing = pow(1.0 - max(0.0, dot(n, view)), 4.0);
    float share = gloss * (0.06 + 0.75 * grazing);
    vec3 seen = sky(mirror);
    float glint = pow(max(0.0, dot(mirror, uSun)), 180.0) * lit;
    for (int i = 0; i < uLampCount; i++) {
      vec3 to = normalize(uLamps[i] - vPlace);
      seen += uLampLight * 0.05 * pow(max(0.0, dot(mirror, to)), 60.0);
    }
    for (int i = 0; i < uBeamCount; i++) {
      vec3 to = normalize(uBeams[i] - vPlace);
      float towards = max(0.0, -dot(uBeamAims[i], to));
      seen += vec3(2.5) * towards * pow(max(0.0, dot(mirror, to)), 40.0);
    }
    colour = mix(colour, seen, share) + uSunLight * glint * gloss * 3.0;
  }
  colour = mix(colour, max(colour, albedo * 2.6), glow);
  float far = length(uEye - vPlace);
  colour = mix(colour, uHorizon * 0.9, 1.0 - exp(-far * uFog));
  outColour = vec4(developed(colour), alpha);
}
`;

export const surfaceShader = light + surface;

export const skyVertexShader = `
precision highp float;
in vec3 position;
uniform mat4 viewMatrix;
uniform mat4 projectionMatrix;
out vec3 vWay;
void main() {
  vWay = position;
  vec4 at = projectionMatrix * vec4(mat3(viewMatrix) * position, 1.0);
  gl_Position = at.xyww;
}
`;

export const skyShader = `${light}
uniform float uClouds;
in vec3 vWay;
out vec4 outColour;
void main() {
  vec3 d = normalize(vWay);
  vec3 c = sky(d);
  if (d.y > 0.0) {
    vec2 at = d.xz / (d.y + 0.25);
    float puff = texture(uTextures, vec3(at * 0.11, 1.0)).g * 0.6 + texture(uTextures, vec3(at * 0.31, 1.0)).g * 0.4;
    c = mix(c, uHorizon * 1.15, uClouds * smoothstep(0.4, 0.62, puff) * smoothstep(0.0, 0.25, d.y));
  }
  outColour = vec4(developed(c), 1.0);
}
`;

/**
 * The body that a pixel shows: its number in red and green. The shadow pass uses it too; to it only depth
 * matters.
 */
export const whoShader = `
precision highp float;
precision highp sampler2DArray;
uniform sampler2DArray uTextures;
in vec3 vUvl;
flat in vec2 vWho;
out vec4 outColour;
void main() {
#ifdef CUTOUT
  if (texture(uTextures, vUvl).a < 0.4) discard;
#endif
#ifdef DEPTH
  float z = gl_FragCoord.z * 256.0;
  float high = floor(z);
  float mid = floor((z - high) * 256.0);
  outColour = vec4(high, mid, floor(((z - high) * 256.0 - mid) * 256.0), 255.0) / 255.0;
#else
  outColour = vec4(vWho, 0.0, 1.0);
#endif
}
`;

/** Light that shines into the lens: drawn over the scene, hides nothing. */
export const glareVertexShader = `
precision highp float;
in vec3 position;
in vec4 glare;
in vec3 tint;
uniform mat4 viewMatrix;
uniform mat4 projectionMatrix;
out vec2 vAt;
out vec3 vTint;
void main() {
  vec4 at = viewMatrix * vec4(position, 1.0);
  at.z += 0.4;
  at.xy += glare.xy * glare.z;
  vAt = glare.xy;
  vTint = tint * glare.w;
  gl_Position = projectionMatrix * at;
}
`;

export const glareShader = `
precision highp float;
in vec2 vAt;
in vec3 vTint;
out vec4 outColour;
void main() {
  float r = length(vAt);
  float core = exp(-r * r * 40.0) * 1.2;
  float halo = pow(max(0.0, 1.0 - r), 3.0) * 0.35;
  float streak = max(0.0, 1.0 - abs(vAt.x)) * exp(-abs(vAt.y) * 30.0) * 0.12;
  outColour = vec4(vTint * (core + halo + streak), 1.0);
}
`;

export const screenVertexShader = `
precision highp float;
in vec3 position;
out vec2 vAt;
void main() {
  vAt = position.xy * 0.5 + 0.5;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}
`;

/**
 * From the pinhole picture to the camera's: the lens, the sensor, the faults of a cheap camera's pictures.
 */
export const cameraShader = `
precision highp float;
uniform sampler2D uPicture;
uniform vec2 uSize;
uniform float uFocal;
uniform float uDistortion;
uniform vec2 uReach;
uniform vec2 uSway;
uniform float uNoise;
uniform float uSeed;
uniform float uGrey;
uniform float uRain;
uniform float uTime;
uniform float uSoft;
uniform float uHalo;
uniform vec3 uBalance;
uniform float uSaturation;
uniform float uContrast;
in vec2 vAt;
out vec4 outColour;

float dice(vec2 p, float s) {
  vec3 q = fract(vec3(p.xyx) * vec3(0.1031, 0.1030, 0.0973) + fract(s * 0.61803));
  q += dot(q, q.yzx + 33.33);
  return fract((q.x + q.y) * q.z);
}

vec2 source(vec2 px) {
  vec2 d = (px - 0.5 * uSize) / uFocal;
  vec2 straight = d * (1.0 + uDistortion * dot(d, d));
  return 0.5 + 0.5 * straight / uReach;
}

void main() {
  // Row 0 of what is read back is the picture's top.
  vec2 px = vec2(gl_FragCoord.x, uSize.y - gl_FragCoord.y) + uSway;
#ifdef WHO
  outColour = texture(uPicture, source(px));
#else
  vec3 c = texture(uPicture, source(px)).rgb;
  float s = 0.35 + uSoft;
  vec3 near = 0.25 * (texture(uPicture, source(px + vec2(s, s))).rgb + texture(uPicture, source(px + vec2(-s, s))).rgb
    + texture(uPicture, source(px + vec2(s, -s))).rgb + texture(uPicture, source(px + vec2(-s, -s))).rgb);
  float w = 1.6;
  vec3 wide = 0.25 * (texture(uPicture, source(px + vec2(w, 0.0))).rgb + texture(uPicture, source(px - vec2(w, 0.0))).rgb
    + texture(uPicture, source(px + vec2(0.0, w))).rgb + texture(uPicture, source(px - vec2(0.0, w))).rgb);
  c = mix(c, near, min(1.0, 0.5 + uSoft));
  c += uHalo * (c - wide);
  if (uRain > 0.0) {
    for (int layer = 0; layer < 2; layer++) {
      float scale = layer == 0 ? 7.0 : 3.5;
      vec2 q = vec2((px.x + px.y * 0.08) / scale, px.y / (scale * 14.0) + uTime * (layer == 0 ? 9.0 : 13.0));
      q.y += dice(vec2(floor(q.x), 3.0), 1.7) * 17.0;
      float drop = step(1.0 - 0.07 * uRain, dice(floor(q), 5.1 + float(layer)));
      float body = smoothstep(0.5, 0.1, abs(fract(q.x) - 0.5)) * smoothstep(0.0, 0.4, fract(q.y)) * smoothstep(1.0, 0.5, fract(q.y));
      c = mix(c, c * 0.8 + 0.2, drop * body * 0.5);
    }
  }
  float grey = dot(c, vec3(0.3, 0.59, 0.11));
  c = mix(vec3(grey), c * uBalance, uSaturation * (1.0 - uGrey));
  c = (c - 0.45) * uContrast + 0.45;
  vec2 mid = vAt - 0.5;
  c *= 1.0 - 0.25 * dot(mid, mid);
  float fine = dice(gl_FragCoord.xy, uSeed) + dice(gl_FragCoord.xy, uSeed + 7.7) + dice(gl_FragCoord.xy, uSeed + 3.3) - 1.5;
  float coarse = dice(floor(gl_FragCoord.xy / 2.0), uSeed + 1.3) + dice(floor(gl_FragCoord.xy / 2.0), uSeed + 5.9) - 1.0;
  float dark = 1.25 - 0.5 * grey;
  vec3 chroma = vec3(dice(floor(gl_FragCoord.xy / 3.0), uSeed + 11.0), 0.5, dice(floor(gl_FragCoord.xy / 3.0), uSeed + 13.0)) - 0.5;
  c += uNoise / 255.0 * dark * (vec3(1.5 * fine + 0.9 * coarse) + chroma * 1.2 * (1.0 - uGrey));
  outColour = vec4(c, 1.0);
#endif
}
`;
