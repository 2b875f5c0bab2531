import {
  AddEquation,
  BufferAttribute,
  BufferGeometry,
  CustomBlending,
  DoubleSide,
  GLSL3,
  Matrix4,
  Mesh,
  NearestFilter,
  OneFactor,
  OrthographicCamera,
  RawShaderMaterial,
  Scene,
  Sphere,
  type Texture,
  Vector3,
  WebGLRenderTarget,
} from 'three';
import type { Moment, View, World } from '../../../world.ts';
import { CastGeometry } from '../scene/cast.ts';
import { fixtureMeshes } from '../scene/fixtures.ts';
import { groundMeshes } from '../scene/ground.ts';
import { StaticMesh } from '../scene/mesh.ts';
import { skyline } from '../scene/skyline.ts';
import type { Glare, Lighting } from './light.ts';
import {
  glareShader,
  glareVertexShader,
  skyShader,
  skyVertexShader,
  surfaceShader,
  vertexShader,
  whoShader,
} from './shaders.ts';
import { paintTextures } from './textures.ts';

const shadowPx = 1024;

/** Uniforms that all surfaces share, so that a moment is set once. */
function sharedUniforms() {
  return {
    uTextures: { value: paintTextures() },
    uShadows: { value: null as Texture | null },
    uShadowMatrix: { value: new Matrix4() },
    uEye: { value: new Vector3() },
    uSun: { value: new Vector3(0, 1, 0) },
    uSunLight: { value: new Vector3() },
    uSkyLight: { value: new Vector3() },
    uGroundLight: { value: new Vector3() },
    uZenith: { value: new Vector3() },
    uHorizon: { value: new Vector3() },
    uClouds: { value: 0 },
    uWet: { value: 0 },
    uFog: { value: 0 },
    uLitWindows: { value: 0 },
    uExposure: { value: 1 },
    uInfrared: { value: 0 },
    uLampCount: { value: 0 },
    uLamps: { value: Array.from({ length: 12 }, () => new Vector3()) },
    uLampLight: { value: new Vector3() },
    uBeamCount: { value: 0 },
    uBeams: { value: Array.from({ length: 12 }, () => new Vector3()) },
    uBeamAims: { value: Array.from({ length: 12 }, () => new Vector3()) },
    uTime: { value: 0 },
    uWind: { value: 0 },
  };
}
type MeshName = 'solid' | 'cutout' | 'floors' | 'marks' | 'arms' | 'shade' | 'glare';

/** The scenes of the three passes over the same geometry, and their materials: made once for all worlds. */
export class Stage {
  readonly uniforms = sharedUniforms();
  readonly cast = new CastGeometry();
  readonly scene = new Scene();
  readonly whoScene = new Scene();
  readonly soloScene = new Scene();
  readonly shadowScene = new Scene();
  readonly shadowTarget: WebGLRenderTarget;
  readonly shadowCamera = new OrthographicCamera();
  readonly #meshes: Record<MeshName, Mesh[]>;

  constructor() {
    this.shadowTarget = new WebGLRenderTarget(shadowPx, shadowPx, {
      minFilter: NearestFilter,
      magFilter: NearestFilter,
    });
    this.uniforms.uShadows.value = this.shadowTarget.texture;
    const { scene, whoScene, soloScene, shadowScene, uniforms } = this;
    const make = (fragmentShader: string, define: string, shader = vertexShader, second = define) =>
      new RawShaderMaterial({
        vertexShader: shader,
        fragmentShader,
        uniforms,
        glslVersion: GLSL3,
        side: DoubleSide,
        defines: { [define]: 1, [second]: 1, SHADOW_SIZE: `${shadowPx}.0` },
      });
    const put = (
      material: RawShaderMaterial,
      order: number,
      into: Scene,
      geometry = new BufferGeometry(),
    ) => {
      const mesh = new Mesh(geometry, material);
      mesh.frustumCulled = false;
      mesh.renderOrder = order;
      mesh.matrixAutoUpdate = false;
      into.add(mesh);
      return mesh;
    };
    const solid = make(surfaceShader, 'SOLID');
    const body = make(surfaceShader, 'BODY');
    const who = make(whoShader, 'WHO');
    const [shadow, shadowCutout] = [
      make(whoShader, 'DEPTH'),
      make(whoShader, 'DEPTH', vertexShader, 'CUTOUT'),
    ];
    const whoCutout = make(whoShader, 'CUTOUT');
    const [marks, glare] = [make(surfaceShader, 'MARK'), make(glareShader, 'GLARE', glareVertexShader)];
    Object.assign(marks, { transparent: true, depthWrite: false });
    Object.assign(glare, {
      transparent: true,
      depthWrite: false,
      blending: CustomBlending,
      blendEquation: AddEquation,
      blendSrc: OneFactor,
      blendDst: OneFactor,
    });
    const sky = make(skyShader, 'SKY', skyVertexShader);
    for (const [target, material] of [
      [scene, body],
      [whoScene, who],
      [soloScene, who],
      [shadowScene, shadow],
    ] as const)
      put(material, 0, target, this.cast.geometry);
    this.#meshes = {
      arms: [put(body, 1, scene), put(who, 1, whoScene), put(shadow, 1, shadowScene)],
      solid: [put(solid, 2, scene), put(who, 2, whoScene), put(shadow, 2, shadowScene)],
      cutout: [
        put(make(surfaceShader, 'CUTOUT'), 3, scene),
        put(whoCutout, 3, whoScene),
        put(shadowCutout, 3, shadowScene),
      ],
      floors: [put(make(surfaceShader, 'GROUND'), 4, scene)],
      marks: [put(marks, 6, scene)],
      shade: [put(marks, 7, scene)],
      glare: [put(glare, 9, scene)],
    };
    put(sky, 5, scene, skyDome());
    for (const each of [scene, whoScene, soloScene, shadowScene]) each.matrixWorldAutoUpdate = false;
  }

  /** Gives a set of meshes another geometry and frees the one before. */
  replace(name: MeshName, geometry: BufferGeometry): void {
    const meshes = this.#meshes[name];
    meshes[0]?.geometry.dispose();
    for (const mesh of meshes) mesh.geometry = geometry;
  }

  /** Builds the fixtures of a world, which stand still. */
  setLayout({ layout, seed }: World): void {
    const { solid, cutout } = fixtureMeshes(layout.fixtures);
    skyline(solid, seed);
    const { floors, marks, raised } = groundMeshes(layout.surfaces);
    this.replace('solid', merged(solid, raised));
    this.replace('cutout', cutout.geometry());
    this.replace('floors', floors.geometry(true));
    this.replace('marks', marks.geometry());
  }

  setLight(lighting: Lighting, view: View, world: World, { tS, lamps = 1 }: Moment): void {
    const u = this.uniforms;
    u.uEye.value.set(...view.at);
    u.uSun.value.copy(lighting.sun);
    u.uSunLight.value.copy(lighting.sunLight);
    u.uSkyLight.value.copy(lighting.skyLight);
    u.uGroundLight.value.copy(lighting.groundLight);
    u.uZenith.value.copy(lighting.zenith);
    u.uHorizon.value.copy(lighting.horizon);
    u.uClouds.value = world.light.clouds;
    u.uWet.value = Math.min(1, world.light.rain * 1.6);
    u.uFog.value = lighting.fog;
    u.uLitWindows.value = lighting.litWindows;
    u.uInfrared.value = lighting.infrared;
    u.uExposure.value = 1.35 * view.exposure;
    u.uLampLight.value.copy(lighting.lampLight).multiplyScalar(lamps);
    u.uLampCount.value = lighting.lamps.length;
    for (const [i, at] of lighting.lamps.entries()) u.uLamps.value[i]?.set(...at);
    u.uTime.value = tS;
    u.uWind.value = world.light.wind;
  }

  /** Points the sun's own camera at the ground that the view sees, at most 60 m away. */
  aimShadows(view: View, sun: Vector3): void {
    const eye = new Vector3(...view.at);
    const forward = new Vector3(...view.lookAt).sub(eye).normalize();
    const reach = Math.min(30, view.at[1] / Math.max(0.12, -forward.y));
    const flat = new Vector3(forward.x, 0, forward.z);
    if (flat.lengthSq() > 1e-6) flat.normalize();
    const middle = new Vector3(eye.x, 0, eye.z).addScaledVector(flat, reach);
    const radius = Math.min(42, Math.max(14, reach * 1.35));
    const camera = this.shadowCamera;
    Object.assign(camera, { left: -radius, right: radius, top: radius, bottom: -radius, near: 1, far: 320 });
    camera.position.copy(middle).addScaledVector(sun, 160);
    camera.lookAt(middle);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
    const half = new Matrix4().makeScale(0.5, 0.5, 0.5).setPosition(0.5, 0.5, 0.5);
    this.uniforms.uShadowMatrix.value
      .copy(half)
      .multiply(camera.projectionMatrix)
      .multiply(camera.matrixWorldInverse);
  }
}

function merged(a: StaticMesh, b: StaticMesh): BufferGeometry {
  const [first, second] = [a.geometry(), b.geometry()];
  const base = first.getAttribute('position').count;
  for (const name of ['position', 'normal', 'uvl', 'tint', 'props']) {
    const [x, y] = [
      first.getAttribute(name) as BufferAttribute,
      second.getAttribute(name) as BufferAttribute,
    ];
    const made =
      x.array instanceof Float32Array
        ? new Float32Array(x.array.length + y.array.length)
        : new Uint8Array(x.array.length + y.array.length);
    made.set(x.array as Float32Array, 0);
    made.set(y.array as Float32Array, x.array.length);
    first.setAttribute(name, new BufferAttribute(made, x.itemSize, x.normalized));
  }
  const index = [
    ...((first.index as BufferAttribute).array as Uint32Array),
    ...Array.from((second.index as BufferAttribute).array as Uint32Array, (i) => i + base),
  ];
  first.setIndex(new BufferAttribute(Uint32Array.from(index), 1));
  return first;
}

function skyDome(): BufferGeometry {
  const mesh = new StaticMesh();
  mesh.box([0, 0, 0], [2, 2, 2], 0, { layer: 'white', rgb: [1, 1, 1] });
  mesh.quad(
    [
      [-1, -1, -1],
      [1, -1, -1],
      [1, -1, 1],
      [-1, -1, 1],
    ],
    [0, 1, 0],
    { layer: 'white', rgb: [1, 1, 1] },
  );
  return mesh.geometry();
}

/** Cards that turn to the camera. */
export function glareGeometry(glares: readonly Glare[]): BufferGeometry {
  const made = new BufferGeometry();
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  const all = glares.flatMap((glare) => corners.map((corner) => ({ glare, corner })));
  made.setAttribute(
    'position',
    new BufferAttribute(Float32Array.from(all.flatMap(({ glare }) => [...glare.at])), 3),
  );
  made.setAttribute(
    'glare',
    new BufferAttribute(
      Float32Array.from(all.flatMap(({ glare, corner }) => [...corner, glare.sizeM, glare.strength])),
      4,
    ),
  );
  made.setAttribute(
    'tint',
    new BufferAttribute(Float32Array.from(all.flatMap(({ glare }) => [...glare.rgb])), 3),
  );
  made.setIndex(
    new BufferAttribute(
      Uint32Array.from(glares.flatMap((_, i) => [0, 1, 2, 0, 2, 3].map((k) => i * 4 + k))),
      1,
    ),
  );
  made.boundingSphere = new Sphere(new Vector3(), 1e6);
  return made;
}

/** A triangle that covers the screen. */
export function screenGeometry(): BufferGeometry {
  const made = new BufferGeometry();
  made.setAttribute('position', new BufferAttribute(Float32Array.from([-1, -1, 0, 3, -1, 0, -1, 3, 0]), 3));
  made.boundingSphere = new Sphere(new Vector3(), 1e6);
  return made;
}
